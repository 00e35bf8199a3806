# Red Hat's side. Dependencies on libraries come from rpm itself.
set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_PACKAGE_RELOCATABLE OFF)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_RELEASE "${OBSERVERD_PACKAGE_RELEASE}")
set(CPACK_RPM_PACKAGE_LICENSE "Apache-2.0 AND MIT AND BSL-1.0 AND BSD-3-Clause")
set(CPACK_RPM_PACKAGE_GROUP "System Environment/Daemons")
set(CPACK_RPM_MAIN_COMPONENT observerd)
set(CPACK_RPM_SDK_PACKAGE_NAME observerd-devel)
set(CPACK_RPM_DEBUG_SYMBOLS_PACKAGE_NAME observerd-debuginfo)
set(CPACK_RPM_SDK_PACKAGE_GROUP "Development/Libraries")
set(CPACK_RPM_SDK_PACKAGE_ARCHITECTURE noarch)
set(CPACK_RPM_PLUGINS_PACKAGE_ARCHITECTURE noarch)
# A plugin's file is no library for others; the same input gives the same bytes.
set(CPACK_RPM_SPEC_MORE_DEFINE
"%global __provides_exclude_from ^/usr/lib/observerd/.*$
%define packager ${CPACK_PACKAGE_CONTACT}
%define _build_id_links none
%define _buildhost localhost
%define use_source_date_epoch_as_buildtime 1
%define clamp_mtime_to_source_date_epoch 1
%define source_date_epoch_from_changelog 0")
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
    /etc /etc/logrotate.d /usr/sbin /usr/share/pkgconfig /usr/lib/systemd /usr/lib/systemd/system /usr/lib/sysusers.d
    /usr/lib/tmpfiles.d /usr/lib/cmake /usr/share/man /usr/share/man/man1 /usr/share/man/man5
    /usr/share/man/man7 /usr/share/man/man8 /usr/share/bash-completion
    /usr/share/bash-completion/completions /usr/share/zsh /usr/share/zsh/vendor-completions
    /usr/share/fish /usr/share/fish/vendor_completions.d)

set(rpm "${CMAKE_CURRENT_SOURCE_DIR}/rpm")
set(CPACK_RPM_OBSERVERD_PACKAGE_PROVIDES "observerd-abi-1 = ${OBSERVERD_ABI_VERSION}")
set(CPACK_RPM_OBSERVERD_PACKAGE_REQUIRES "systemd, procps-ng")
set(CPACK_RPM_OBSERVERD_PACKAGE_REQUIRES_PRE "shadow-utils")
foreach(scriptlet IN ITEMS POST PREUN POSTUN)
  set(CPACK_RPM_OBSERVERD_PACKAGE_REQUIRES_${scriptlet} "systemd")
endforeach()
set(CPACK_RPM_OBSERVERD_USER_FILELIST
    "%config(noreplace) %attr(0640,root,observerd) /etc/observerd/observerd.json"
    "%dir %attr(0750,root,observerd) /etc/observerd/conf.d"
    "%config(noreplace) /etc/observerd/conf.d/README"
    "%dir %attr(0700,root,root) /etc/observerd/credentials"
    "%config(noreplace) /etc/logrotate.d/observerd")
set(CPACK_RPM_OBSERVERD_PRE_INSTALL_SCRIPT_FILE "${rpm}/pre")
set(CPACK_RPM_OBSERVERD_POST_INSTALL_SCRIPT_FILE "${rpm}/post")
set(CPACK_RPM_OBSERVERD_PRE_UNINSTALL_SCRIPT_FILE "${rpm}/preun")
set(CPACK_RPM_OBSERVERD_POST_UNINSTALL_SCRIPT_FILE "${rpm}/postun")

set(CPACK_RPM_PLUGINS_PACKAGE_REQUIRES "${all_plugins}")

# Debian's only.
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER "${component}" upper)
  set(name "${CPACK_DEBIAN_${upper}_PACKAGE_NAME}")
  list(APPEND CPACK_RPM_${upper}_USER_FILELIST "%exclude /usr/share/lintian/overrides/${name}"
       "%exclude /usr/share/doc/${name}/changelog.Debian.gz")
  list(APPEND CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /usr/share/lintian /usr/share/lintian/overrides)
endforeach()
