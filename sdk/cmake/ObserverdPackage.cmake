# Read by cpack before it packs, as CPACK_PROJECT_CONFIG_FILE, once for each generator: a plugin's package
# asks for the host that the plugin itself asks for, by the note in the very file that is packed.
#
#   set(CPACK_OBSERVERD_PLUGINS "${CMAKE_BINARY_DIR}/plugins/NAME.so")  # one or more
#   set(CPACK_PROJECT_CONFIG_FILE "${OBSERVERD_PACKAGE_CONFIG}")        # this file
#   include(CPack)
#
# What the package depends on besides stands in CPACK_DEBIAN_PACKAGE_DEPENDS and CPACK_RPM_PACKAGE_REQUIRES as
# ever. Files of the components `deb` and `rpm` (EXCLUDE_FROM_ALL) go into packages of that kind only.

# observerd_least_host(RESULT file…): "1.M", the oldest host that takes all of them. From their notes: four
# words major, minor, least host minor, pointer size.
function(observerd_least_host result)
  find_program(OBSERVERD_READELF readelf)
  if(NOT OBSERVERD_READELF)
    message(FATAL_ERROR "readelf is not installed (binutils): it tells which host a plugin asks for")
  endif()
  set(least 0)
  foreach(file IN LISTS ARGN)
    execute_process(COMMAND "${OBSERVERD_READELF}" --notes --wide "${file}"
                    OUTPUT_VARIABLE notes COMMAND_ERROR_IS_FATAL ANY)
    set(byte "([0-9a-f][0-9a-f]) ")
    if(NOT notes MATCHES "observerd[^\n]*description data: ${byte}00 00 00 (.. .. .. ..) ${byte}00 00 00 ")
      message(FATAL_ERROR "${file} has no note of observerd's ABI, or one that cannot be read:\n${notes}")
    endif()
    math(EXPR major "0x${CMAKE_MATCH_1}")
    math(EXPR minor "0x${CMAKE_MATCH_3}")
    if(NOT major EQUAL 1)
      message(FATAL_ERROR "${file} is of ABI major ${major}: its package needs observerd-abi-${major}")
    endif()
    if(minor GREATER least)
      set(least ${minor})
    endif()
  endforeach()
  set(${result} "1.${least}" PARENT_SCOPE)
endfunction()

if(CPACK_OBSERVERD_PLUGINS)
  observerd_least_host(least ${CPACK_OBSERVERD_PLUGINS})
  list(JOIN CPACK_DEBIAN_PACKAGE_DEPENDS ", " depends)
  string(REGEX REPLACE "^, " "" CPACK_DEBIAN_PACKAGE_DEPENDS "${depends}, observerd-abi-1 (>= ${least})")
  string(REGEX REPLACE "^, " "" CPACK_RPM_PACKAGE_REQUIRES
         "${CPACK_RPM_PACKAGE_REQUIRES}, observerd-abi-1 >= ${least}")
  string(TOLOWER "${CPACK_GENERATOR}" kind)
  list(SUBLIST CPACK_INSTALL_CMAKE_PROJECTS 0 2 project)
  list(APPEND CPACK_INSTALL_CMAKE_PROJECTS ${project} "${kind}" /)
endif()
