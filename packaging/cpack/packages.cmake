# The description of all packages, for deb and rpm. Each component that the tree installs is one
# package; one that no package takes is an error, so that nothing is left out by oversight.
include(GNUInstallDirs)
set(OBSERVERD_PACKAGE_RELEASE 1 CACHE STRING "Release of the packages: grows when only packaging changes")

get_cmake_property(components COMPONENTS)
set(plugin_components "${components}")
list(FILTER plugin_components INCLUDE REGEX "^plugin_")
list(REMOVE_ITEM plugin_components plugin_check)

set(CPACK_COMPONENTS_ALL observerd sdk plugin_check plugins debug_symbols ${plugin_components})
set(unpacked ${components})
list(REMOVE_ITEM unpacked ${CPACK_COMPONENTS_ALL})
if(unpacked)
  message(FATAL_ERROR "no package takes the components ${unpacked}: packaging/cpack/packages.cmake")
endif()

set(CPACK_PACKAGE_NAME observerd)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_VENDOR "The observerd developers")
set(OBSERVERD_PACKAGE_CONTACT "observerd packages <packages@observerd.example>" CACHE STRING
    "Whom the packages name as their maintainer")
set(CPACK_PACKAGE_CONTACT "${OBSERVERD_PACKAGE_CONTACT}")
set(CPACK_PACKAGE_DIRECTORY "${CMAKE_BINARY_DIR}/packages")
set(CPACK_RESOURCE_FILE_LICENSE "${CMAKE_SOURCE_DIR}/LICENSE")
set(CPACK_GENERATOR "DEB;RPM")
set(CPACK_SOURCE_GENERATOR "")
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_STRIP_FILES ON)  # what that takes away is the package of debug symbols
set(CPACK_SET_DESTDIR ON)  # some files lie outside /usr
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
    GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
# What is known only when the files are there: cpack reads this before each generator.
set(CPACK_PROJECT_CONFIG_FILE "${CMAKE_CURRENT_LIST_DIR}/when_packing.cmake")
set(CPACK_OBSERVERD_BUILD_DIR "${CMAKE_BINARY_DIR}")
set(CPACK_OBSERVERD_PLUGIN_COMPONENTS "${plugin_components}")

# observerd_package(COMPONENT NAME summary text): a package's name and words.
function(observerd_package component name summary text)
  string(TOUPPER "${component}" upper)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME "${name}" PARENT_SCOPE)
  set(CPACK_RPM_${upper}_PACKAGE_NAME "${name}" PARENT_SCOPE)
  string(SUBSTRING "${summary}" 0 1 first)
  string(SUBSTRING "${summary}" 1 -1 rest)
  string(TOUPPER "${first}" first)
  set(CPACK_RPM_${upper}_PACKAGE_SUMMARY "${first}${rest}" PARENT_SCOPE)  # as is the custom there
  set(CPACK_RPM_${upper}_PACKAGE_DESCRIPTION "${text}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_DESCRIPTION "${summary}\n${text}" PARENT_SCOPE)
  observerd_package_documents("${component}" "${name}")
endfunction()

include("${CMAKE_CURRENT_LIST_DIR}/documents.cmake")
observerd_package(observerd observerd "actions that follow changes in PostgreSQL"
"Watches what changes in a PostgreSQL database and acts on it: observers name an
entity, kinds of change and a condition, their actions follow when a change
fires them. Delivered at least once, in order per entity, with retries and dead
letters in the database. With the action types webhook, slack, sms and log.")
observerd_package(sdk observerd-dev "headers and templates for plugins of observerd"
"What a plugin of observerd is built with: the C ABI and the C++ layer on it,
CMake package and pkg-config file, a project to copy, examples.")
observerd_package(plugin_check observerd-plugin-check "conformance checker for plugins of observerd"
"Says whether a plugin of observerd keeps to the ABI: each test in a process of
its own, with what was seen and what helps.")
observerd_package(plugins observerd-plugins "all action types of observerd"
"Depends on observerd and on each package of an action type that comes with
it.")
observerd_package(debug_symbols observerd-dbgsym "debug symbols for observerd and its plugins"
"What debuggers need to name functions, lines and variables of the programs and
plugins of observerd, found by the build id of each file.")
foreach(component IN LISTS plugin_components)
  string(REPLACE "plugin_" "" type "${component}")
  observerd_package(${component} "observerd-plugin-${type}" "action type ${type} for observerd"
"With this package, observers of observerd have actions of the type ${type}.
`observerd plugins info ${type}` shows its settings.")
endforeach()

include("${CMAKE_CURRENT_LIST_DIR}/deb.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/rpm.cmake")
include(CPack)
