# cmake -DBUILD=dir -DCPACK=program -P package.cmake: packages of the plugin for Debian and for Red Hat's kin,
# which want a host of its ABI and put the library where that host looks.
cmake_minimum_required(VERSION 3.25)
file(GLOB old "${BUILD}/*.deb" "${BUILD}/*.rpm")
file(REMOVE ${old} "")
execute_process(COMMAND "${CPACK}" -G "DEB;RPM" WORKING_DIRECTORY "${BUILD}" COMMAND_ERROR_IS_FATAL ANY)
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

file(GLOB package "${BUILD}/*.rpm")
execute_process(COMMAND rpm --query --package --requires --list "${package}"
  OUTPUT_VARIABLE card COMMAND_ERROR_IS_FATAL ANY)
foreach(wanted IN ITEMS "observerd-abi-1 >= 1\\.0\n" "\n/usr/lib/observerd/plugins-1/line\\.so\n")
  if(NOT card MATCHES "${wanted}")
    message(SEND_ERROR "${package} lacks ${wanted}:\n${card}")
  endif()
endforeach()
