# Read by cpack before it packs, once for each generator. What a plugin's package asks for is told by the
# SDK, as for plugins of others.
include("${CMAKE_CURRENT_LIST_DIR}/../../sdk/cmake/ObserverdPackage.cmake")

if(NOT EXISTS "${CPACK_OBSERVERD_BUILD_DIR}/packaging/manual/man/man8/observerd.8.gz")
  message(FATAL_ERROR "the manual is not made yet: cmake --build ${CPACK_OBSERVERD_BUILD_DIR} --target packaging_manual")
endif()

# Each package has a summary of its own; cpack would put this one before it.
if(CPACK_GENERATOR STREQUAL "DEB")
  set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
endif()

foreach(component IN LISTS CPACK_OBSERVERD_PLUGIN_COMPONENTS)
  string(REPLACE "plugin_" "" type "${component}")
  string(TOUPPER "${component}" upper)
  observerd_least_host(least "${CPACK_OBSERVERD_BUILD_DIR}/plugins/${type}.so")
  set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "observerd-abi-1 (>= ${least})")
  set(CPACK_RPM_${upper}_PACKAGE_REQUIRES "observerd-abi-1 >= ${least}")
endforeach()

set(CPACK_PRE_BUILD_SCRIPTS "${CMAKE_CURRENT_LIST_DIR}/set_times.cmake")
# What stands elsewhere, or otherwise, in an rpm package.
if(CPACK_GENERATOR STREQUAL "RPM")
  list(PREPEND CPACK_PRE_BUILD_SCRIPTS "${CMAKE_CURRENT_LIST_DIR}/staged_for_rpm.cmake")
  list(APPEND CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /usr/share/licenses /usr/share/zsh/site-functions)
  foreach(component IN LISTS CPACK_COMPONENTS_ALL)
    string(TOUPPER "${component}" upper)
    set(name "${CPACK_RPM_${upper}_PACKAGE_NAME}")
    string(REPLACE "/usr/share/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME}/" "/usr/share/doc/${name}/"
           CPACK_RPM_${upper}_USER_FILELIST "${CPACK_RPM_${upper}_USER_FILELIST}")
    list(APPEND CPACK_RPM_${upper}_USER_FILELIST "%license /usr/share/licenses/${name}/LICENSE")
  endforeach()
endif()
