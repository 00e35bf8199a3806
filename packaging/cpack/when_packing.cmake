# Read by cpack before it packs: a plugin's package asks for the host that the plugin itself asks
# for, by the note in the very file that is packed.

# least_host(FILE result): "1.M" from the note: four words major, minor, least host minor, pointer size.
function(least_host file result)
  execute_process(COMMAND readelf --notes --wide "${file}" OUTPUT_VARIABLE notes COMMAND_ERROR_IS_FATAL ANY)
  set(byte "([0-9a-f][0-9a-f]) ")
  if(NOT notes MATCHES "observerd[^\n]*description data: ${byte}00 00 00 (.. .. .. ..) ${byte}00 00 00 ")
    message(FATAL_ERROR "${file} has no note of observerd's ABI, or one that cannot be read:\n${notes}")
  endif()
  math(EXPR major "0x${CMAKE_MATCH_1}")
  math(EXPR minor "0x${CMAKE_MATCH_3}")
  if(NOT major EQUAL 1)
    message(FATAL_ERROR "${file} is of ABI major ${major}: its package needs observerd-abi-${major}")
  endif()
  set(${result} "${major}.${minor}" PARENT_SCOPE)
endfunction()

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
  least_host("${CPACK_OBSERVERD_BUILD_DIR}/plugins/${type}.so" least)
  set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "observerd-abi-1 (>= ${least})")
  set(CPACK_RPM_${upper}_PACKAGE_REQUIRES "observerd-abi-1 >= ${least}")
endforeach()
