# cpack -G DEB, cpack -G RPM. What the package asks of the host, observerd's SDK reads from the plugin.
set(package_release 1)  # grows when only the packaging changes
set(CPACK_PACKAGE_NAME "observerd-plugin-${PROJECT_NAME}")
set(CPACK_PACKAGE_VENDOR "Example")
set(CPACK_PACKAGE_CONTACT "Example <plugins@example.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "action type line for observerd")
set(CPACK_PACKAGE_DESCRIPTION
"With this package, observers of observerd have actions of the type line: each
sends a line to a TCP server for every event and waits for its answer.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_OBSERVERD_PLUGINS "${CMAKE_BINARY_DIR}/plugins/${PROJECT_NAME}.so")
set(CPACK_PROJECT_CONFIG_FILE "${OBSERVERD_PACKAGE_CONFIG}")

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${package_release})
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_RELEASE ${package_release})
set(CPACK_RPM_PACKAGE_LICENSE "Apache-2.0")
set(CPACK_RPM_PACKAGE_DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION}")
set(CPACK_RPM_PACKAGE_RELOCATABLE OFF)
set(CPACK_RPM_USER_FILELIST "%license /usr/share/licenses/${CPACK_PACKAGE_NAME}/LICENSE")
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
    /usr/lib/observerd /usr/lib/observerd/plugins-1 /usr/share/licenses)
# A plugin is no library for others.
set(CPACK_RPM_SPEC_MORE_DEFINE "%global __provides_exclude_from ^/usr/lib/observerd/.*$
%define _build_id_links none")

# Documents as Debian asks for them, and as rpm does.
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)  # SOURCE_DATE_EPOCH, where set
set(documents "${CMAKE_BINARY_DIR}/documents")
file(WRITE "${documents}/changelog.Debian"
"${CPACK_PACKAGE_NAME} (${PROJECT_VERSION}-${package_release}) stable; urgency=medium

  * Version ${PROJECT_VERSION}.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
execute_process(COMMAND gzip -9nc "${documents}/changelog.Debian"
                OUTPUT_FILE "${documents}/changelog.Debian.gz" COMMAND_ERROR_IS_FATAL ANY)
# Not uploaded to Debian: there is no request that it would answer.
file(WRITE "${documents}/${CPACK_PACKAGE_NAME}" "${CPACK_PACKAGE_NAME}: initial-upload-closes-no-bugs *\n")
install(FILES copyright "${documents}/changelog.Debian.gz" DESTINATION "share/doc/${CPACK_PACKAGE_NAME}"
        COMPONENT deb EXCLUDE_FROM_ALL)
install(FILES "${documents}/${CPACK_PACKAGE_NAME}" DESTINATION share/lintian/overrides
        COMPONENT deb EXCLUDE_FROM_ALL)
install(FILES LICENSE DESTINATION "share/licenses/${CPACK_PACKAGE_NAME}" COMPONENT rpm EXCLUDE_FROM_ALL)
include(CPack)
