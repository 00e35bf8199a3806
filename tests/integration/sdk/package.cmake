# cmake -DBUILD=dir -DCPACK=program -P package.cmake: a Debian package of the plugin that wants a host
# of its ABI and puts the library where that host looks.
cmake_minimum_required(VERSION 3.25)
file(GLOB old "${BUILD}/*.deb")
file(REMOVE ${old} "")
execute_process(COMMAND "${CPACK}" -G DEB WORKING_DIRECTORY "${BUILD}" COMMAND_ERROR_IS_FATAL ANY)
file(GLOB package "${BUILD}/*.deb")
execute_process(COMMAND dpkg-deb --field "${package}" Depends
  OUTPUT_VARIABLE depends COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND dpkg-deb --contents "${package}"
  OUTPUT_VARIABLE contents COMMAND_ERROR_IS_FATAL ANY)
foreach(wanted IN ITEMS "observerd-abi-1 \\(>= 1\\.0\\)" "libc6 ")
  if(NOT depends MATCHES "${wanted}")
    message(SEND_ERROR "${package} depends on \"${depends}\", not on ${wanted}")
  endif()
endforeach()
if(NOT contents MATCHES "root/root .* \\./usr/lib/observerd/plugins-1/line\\.so")
  message(SEND_ERROR "${package} does not install the plugin for observerd:\n${contents}")
endif()
if(contents MATCHES "gtest|line_client|/include/")
  message(SEND_ERROR "${package} installs more than the plugin:\n${contents}")
endif()
