# cmake -DBUILD=dir -DSOURCE=dir -DWORK=dir -P install.cmake: installs the SDK, moves it elsewhere as
# packages and people do, and sees that it is complete and remembers neither place.
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${WORK}/prefix" "${WORK}/first" "${WORK}/everything")
foreach(component IN ITEMS sdk plugin_check)
  execute_process(COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${WORK}/first"
    --component "${component}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endforeach()
file(RENAME "${WORK}/first" "${WORK}/prefix")
execute_process(COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${WORK}/everything"
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)

set(sdk_files
  bin/observerd-plugin-check include/observerd/plugin.h include/observerd/plugin.hpp
  include/observerd/sdk/settings.hpp lib/cmake/observerd-sdk/observerd-sdk-config.cmake
  lib/cmake/observerd-sdk/observerd-sdk-config-version.cmake
  lib/cmake/observerd-sdk/observerd-sdk-targets.cmake
  lib/cmake/observerd-sdk/ObserverdPlugin.cmake lib/cmake/observerd-sdk/ObserverdPackage.cmake
  lib/cmake/observerd-sdk/plugin.map share/observerd/sdk/template/package.cmake
  share/pkgconfig/observerd-sdk.pc share/observerd/sdk/template/CMakeLists.txt
  share/observerd/sdk/template/.github/workflows/ci.yml share/doc/observerd-sdk/README.md)
foreach(file IN LISTS sdk_files)
  foreach(prefix IN ITEMS prefix everything)
    if(NOT EXISTS "${WORK}/${prefix}/${file}")
      message(SEND_ERROR "not installed: ${file} (${prefix})")
    endif()
  endforeach()
endforeach()
foreach(file IN ITEMS sbin/observerd lib/observerd/plugins-1/log.so lib/observerd/plugins-1/webhook.so)
  if(NOT EXISTS "${WORK}/everything/${file}")
    message(SEND_ERROR "not installed: ${file}")
  endif()
  if(EXISTS "${WORK}/prefix/${file}")
    message(SEND_ERROR "no part of the SDK, and installed with it: ${file}")
  endif()
endforeach()

file(GLOB_RECURSE texts LIST_DIRECTORIES false "${WORK}/prefix/lib/*" "${WORK}/prefix/share/*")
foreach(file IN LISTS texts)
  file(READ "${file}" text)
  foreach(place IN ITEMS "${WORK}" "${BUILD}" "${SOURCE}")
    string(FIND "${text}" "${place}" found)
    if(NOT found EQUAL -1)
      message(SEND_ERROR "${file} names ${place}: it cannot be moved")
    endif()
  endforeach()
endforeach()

# What pkg-config answers is where the files are now.
set(ENV{PKG_CONFIG_PATH} "${WORK}/prefix/share/pkgconfig")
foreach(variable IN ITEMS includedir versionscript)
  execute_process(COMMAND pkg-config "--variable=${variable}" observerd-sdk
    OUTPUT_VARIABLE place OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  if(NOT EXISTS "${place}")
    message(SEND_ERROR "pkg-config says ${variable} is \"${place}\", which is not there")
  endif()
endforeach()

# The package's version is that of the ABI: a later minor or another major is not there.
# asked(VERSION WANTED): whether find_package(observerd-sdk VERSION) finds this one.
function(asked version wanted)
  set(PACKAGE_FIND_VERSION "${version}")
  string(REGEX MATCH "^[0-9]+" PACKAGE_FIND_VERSION_MAJOR "${version}")
  include("${WORK}/prefix/lib/cmake/observerd-sdk/observerd-sdk-config-version.cmake")
  if(NOT PACKAGE_VERSION_COMPATIBLE STREQUAL wanted)
    message(SEND_ERROR "asked for ${version}, version ${PACKAGE_VERSION} says ${PACKAGE_VERSION_COMPATIBLE}")
  endif()
endfunction()
asked(1 TRUE)
asked(1.0 TRUE)
asked(1.99 FALSE)
asked(2 FALSE)
