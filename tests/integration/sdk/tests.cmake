# The SDK as its users have it: installed, and nothing of this tree beside it. What is built here is
# loaded by the daemon in the GoogleTest cases of this directory.
set(sdk_scripts "${CMAKE_CURRENT_SOURCE_DIR}/integration/sdk")
set(sdk_work "${CMAKE_BINARY_DIR}/tests/sdk")
set(sdk_prefix "${sdk_work}/prefix")

# sdk_test(NAME [NEEDS fixture…] [SETS_UP fixture…] COMMAND …): one test, labelled and timed as its neighbours.
function(sdk_test name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "NEEDS;SETS_UP;COMMAND")
  add_test(NAME "sdk.${name}" COMMAND ${ARG_COMMAND})
  set_tests_properties("sdk.${name}" PROPERTIES LABELS integration TIMEOUT 300
    FIXTURES_REQUIRED "${ARG_NEEDS}" FIXTURES_SETUP "${ARG_SETS_UP}")
endfunction()

# How a stranger's project is configured: against the installed SDK, with this build's compilers.
set(sdk_flags "")
if(OBSERVERD_SANITIZE STREQUAL "address")
  set(sdk_flags -fsanitize=address,undefined)
elseif(OBSERVERD_SANITIZE)
  set(sdk_flags "-fsanitize=${OBSERVERD_SANITIZE}")
endif()
set(sdk_cache "${sdk_work}/cache.cmake")
file(CONFIGURE OUTPUT "${sdk_cache}" @ONLY CONTENT [[
set(CMAKE_PREFIX_PATH "@sdk_prefix@" CACHE PATH "")
set(CMAKE_BUILD_TYPE Debug CACHE STRING "")
set(CMAKE_C_COMPILER "@CMAKE_C_COMPILER@" CACHE FILEPATH "")
set(CMAKE_CXX_COMPILER "@CMAKE_CXX_COMPILER@" CACHE FILEPATH "")
set(CMAKE_CXX_COMPILER_LAUNCHER "@CMAKE_CXX_COMPILER_LAUNCHER@" CACHE STRING "")
set(CMAKE_CXX_FLAGS "@sdk_flags@" CACHE STRING "")
]])

sdk_test(installs SETS_UP sdk_prefix
  COMMAND "${CMAKE_COMMAND}" "-DBUILD=${CMAKE_BINARY_DIR}" "-DSOURCE=${CMAKE_SOURCE_DIR}"
          "-DWORK=${sdk_work}" -P "${sdk_scripts}/install.cmake")

# The template, as its README has it.
sdk_test(template_builds NEEDS sdk_prefix SETS_UP sdk_template sdk_built
  COMMAND "${CMAKE_COMMAND}" "-DFROM=${sdk_prefix}/share/observerd/sdk/template"
          "-DTO=${sdk_work}/template" "-DGENERATOR=${CMAKE_GENERATOR}" "-DCACHE=${sdk_cache}"
          -P "${sdk_scripts}/build_copy.cmake")
sdk_test(template_passes_its_own_tests NEEDS sdk_template
  COMMAND "${CMAKE_CTEST_COMMAND}" --test-dir "${sdk_work}/template/build" --output-on-failure
          --no-tests=error)
sdk_test(template_becomes_a_package NEEDS sdk_template
  COMMAND "${CMAKE_COMMAND}" "-DBUILD=${sdk_work}/template/build" "-DCPACK=${CMAKE_CPACK_COMMAND}"
          -P "${sdk_scripts}/package.cmake")
# What packages of plugins ask for, by fixtures that ask for different hosts.
sdk_test(packages_ask_for_what_the_plugin_asks_for NEEDS sdk_prefix
  COMMAND "${CMAKE_COMMAND}" "-DSDK=${sdk_prefix}/lib/cmake/observerd-sdk"
          "-DPLUGINS=${CMAKE_BINARY_DIR}/tests/plugins" -P "${sdk_scripts}/least_host.cmake")

# The examples: built with nothing but what their README names, and held to the ABI.
function(sdk_example name plugin)
  sdk_test(example_${name}_builds NEEDS sdk_prefix SETS_UP sdk_example_${name} sdk_built
    COMMAND "${CMAKE_COMMAND}" "-DFROM=${sdk_prefix}/share/observerd/sdk/examples"
            "-DTO=${sdk_work}/${name}" "-DPROJECT=${name}" ${ARGN})
  sdk_test(example_${name}_conforms NEEDS sdk_example_${name}
    COMMAND "${sdk_prefix}/bin/observerd-plugin-check" --only-failed --time-limit 8
            "${sdk_work}/${name}/${plugin}")
endfunction()
find_program(MAKE_PROGRAM NAMES make gmake REQUIRED)
find_program(RUSTC NAMES rustc REQUIRED)
foreach(name IN ITEMS cpp batch async)
  sdk_example(${name} build/plugins/spool_${name}.so "-DGENERATOR=${CMAKE_GENERATOR}"
    "-DCACHE=${sdk_cache}" -P "${sdk_scripts}/build_copy.cmake")
endforeach()
sdk_example(c c/spool_c.so "-DPREFIX=${sdk_prefix}" "-DMAKE=${MAKE_PROGRAM}"
  "-DARGUMENTS=CC=${CMAKE_C_COMPILER}" -P "${sdk_scripts}/make_copy.cmake")
sdk_example(rust rust/spool_rust.so "-DPREFIX=${sdk_prefix}" "-DMAKE=${MAKE_PROGRAM}"
  "-DARGUMENTS=RUSTC=${RUSTC} CC=${CMAKE_C_COMPILER} spool_rust.so layouts-agree"
  -P "${sdk_scripts}/make_copy.cmake")
set(fixture sdk_built)

sdk_test(documents_compile NEEDS sdk_prefix
  COMMAND "${CMAKE_COMMAND}"
          "-DDOCUMENTS=${sdk_prefix}/share/doc/observerd-sdk"
          "-DWORK=${sdk_work}/documents" "-DPREFIX=${sdk_prefix}" "-DCC=${CMAKE_C_COMPILER}"
          "-DCXX=${CMAKE_CXX_COMPILER}" -P "${sdk_scripts}/documents.cmake")
sdk_test(first_project_of_the_readme_conforms NEEDS sdk_prefix
  COMMAND "${CMAKE_COMMAND}" "-DREADME=${sdk_prefix}/share/doc/observerd-sdk/README.md"
          "-DWORK=${sdk_work}/first_project" "-DCACHE=${sdk_cache}"
          -P "${sdk_scripts}/first_project.cmake")
