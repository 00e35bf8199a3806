# Debian's side. Dependencies on libraries come from dpkg-shlibdeps.
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE "${OBSERVERD_PACKAGE_RELEASE}")
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SOURCE observerd)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_OBSERVERD_PACKAGE_PROVIDES "observerd-abi-1 (= ${OBSERVERD_ABI_VERSION})")
# kill, for the reload; user and directories.
set(CPACK_DEBIAN_OBSERVERD_PACKAGE_DEPENDS
    "procps, systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles")
set(CPACK_DEBIAN_OBSERVERD_PACKAGE_RECOMMENDS "ca-certificates")
set(CPACK_DEBIAN_OBSERVERD_PACKAGE_SUGGESTS "postgresql, observerd-plugins, observerd-plugin-check, logrotate")
set(deb "${CMAKE_CURRENT_SOURCE_DIR}/deb")
set(CPACK_DEBIAN_OBSERVERD_PACKAGE_CONTROL_EXTRA
    "${deb}/conffiles;${deb}/triggers;${deb}/postinst;${deb}/prerm;${deb}/postrm")

foreach(component IN ITEMS SDK PLUGINS)
  set(CPACK_DEBIAN_${component}_PACKAGE_ARCHITECTURE all)
  set(CPACK_DEBIAN_${component}_PACKAGE_SHLIBDEPS OFF)
endforeach()
set(CPACK_DEBIAN_DEBUG_SYMBOLS_PACKAGE_SECTION debug)
set(CPACK_DEBIAN_DEBUG_SYMBOLS_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_SDK_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_SDK_PACKAGE_RECOMMENDS "observerd-plugin-check")
set(CPACK_DEBIAN_SDK_PACKAGE_SUGGESTS "cmake, pkg-config, g++")
set(CPACK_DEBIAN_PLUGIN_CHECK_PACKAGE_SECTION devel)

set(all_plugins "observerd")
foreach(component IN LISTS plugin_components)
  string(REPLACE "plugin_" "observerd-plugin-" name "${component}")
  string(APPEND all_plugins ", ${name}")
endforeach()
set(CPACK_DEBIAN_PLUGINS_PACKAGE_DEPENDS "${all_plugins}")
set(CPACK_DEBIAN_PLUGINS_PACKAGE_SECTION metapackages)
