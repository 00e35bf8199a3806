# observerd_add_plugin(NAME SOURCES file… [LINK library…] [COMPONENT component]
#                      [CHECK_CONFIG file] [NO_CHECK] [NO_INSTALL])
#
# Builds NAME.so, target plugin_NAME, as observerd loads it: exactly one exported symbol, every
# symbol resolved at link time, never unloaded. C, C++17 or newer.
#
# Installs it into lib/observerd/plugins-1, one of the places where observerd looks with the prefix
# /usr or /usr/local (NO_INSTALL: does not), and adds the test conformance.NAME, which runs
# observerd-plugin-check where that is found (NO_CHECK: does not). CHECK_CONFIG names a file with
# settings for the check, where those that it makes itself do not fit.
set(OBSERVERD_PLUGIN_VERSION_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/plugin.map")
set(OBSERVERD_PLUGIN_DIRECTORY "lib/observerd/plugins-1")
set(OBSERVERD_PACKAGE_CONFIG "${CMAKE_CURRENT_LIST_DIR}/ObserverdPackage.cmake")
set(OBSERVERD_SDK_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../..")

function(observerd_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "NO_CHECK;NO_INSTALL" "COMPONENT;CHECK_CONFIG" "SOURCES;LINK")
  if(ARG_UNPARSED_ARGUMENTS OR NOT ARG_SOURCES)
    message(FATAL_ERROR "observerd_add_plugin(${name}): needs SOURCES, and does not know "
                        "\"${ARG_UNPARSED_ARGUMENTS}\"")
  endif()
  add_library(plugin_${name} MODULE ${ARG_SOURCES})
  set_target_properties(plugin_${name} PROPERTIES
    OUTPUT_NAME "${name}" PREFIX "" SUFFIX ".so"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON
    LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/plugins"
    LINK_DEPENDS "${OBSERVERD_PLUGIN_VERSION_SCRIPT}")
  if(CMAKE_CXX_COMPILER_LOADED)
    target_compile_features(plugin_${name} PRIVATE cxx_std_17)
  endif()
  target_link_libraries(plugin_${name} PRIVATE observerd::sdk ${ARG_LINK})
  target_link_options(plugin_${name} PRIVATE
    "-Wl,--version-script=${OBSERVERD_PLUGIN_VERSION_SCRIPT}" -Wl,-z,now -Wl,-z,nodelete)
  # clang leaves a sanitizer's runtime to the program that loads the library.
  get_directory_property(options COMPILE_OPTIONS)
  if(NOT ("${options} ${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS}" MATCHES "-fsanitize"
          AND "${CMAKE_C_COMPILER_ID} ${CMAKE_CXX_COMPILER_ID}" MATCHES "Clang"))
    target_link_options(plugin_${name} PRIVATE -Wl,-z,defs)
  endif()
  if(NOT ARG_NO_INSTALL)
    set(component "")
    if(ARG_COMPONENT)
      set(component COMPONENT "${ARG_COMPONENT}")
    endif()
    install(TARGETS plugin_${name} LIBRARY DESTINATION "${OBSERVERD_PLUGIN_DIRECTORY}" ${component})
  endif()
  if(NOT ARG_NO_CHECK)
    _observerd_add_conformance_test(${name} "${ARG_CHECK_CONFIG}")
  endif()
endfunction()

function(_observerd_add_conformance_test name config)
  if(TARGET observerd-plugin-check)
    set(checker "$<TARGET_FILE:observerd-plugin-check>")
  else()
    find_program(OBSERVERD_PLUGIN_CHECK observerd-plugin-check HINTS "${OBSERVERD_SDK_PREFIX}/bin"
                 DOC "Says whether a plugin keeps to the ABI")
    if(NOT OBSERVERD_PLUGIN_CHECK)
      message(STATUS "observerd-plugin-check is not found: no test conformance.${name}")
      return()
    endif()
    set(checker "${OBSERVERD_PLUGIN_CHECK}")
  endif()
  set(arguments --only-failed)
  if(config)
    get_filename_component(config "${config}" ABSOLUTE)
    list(APPEND arguments --config "${config}")
  endif()
  add_test(NAME conformance.${name}
    COMMAND "${checker}" ${arguments} "$<TARGET_FILE:plugin_${name}>")
  set_tests_properties(conformance.${name} PROPERTIES LABELS conformance TIMEOUT 300)
endfunction()
