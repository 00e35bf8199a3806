# observerd_add_plugin(NAME SOURCES file… [LINK library…])
#
# Builds NAME.so as observerd loads it: exactly one exported symbol, every symbol resolved at link
# time, never unloaded.
set(OBSERVERD_PLUGIN_VERSION_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/plugin.map")

function(observerd_add_plugin name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(plugin_${name} MODULE ${ARG_SOURCES})
  set_target_properties(plugin_${name} PROPERTIES
    OUTPUT_NAME "${name}" PREFIX "" SUFFIX ".so"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/plugins"
    LINK_DEPENDS "${OBSERVERD_PLUGIN_VERSION_SCRIPT}")
  target_link_libraries(plugin_${name} PRIVATE observerd_sdk ${ARG_LINK})
  target_link_options(plugin_${name} PRIVATE
    "-Wl,--version-script=${OBSERVERD_PLUGIN_VERSION_SCRIPT}" -Wl,-z,now -Wl,-z,nodelete)
  # clang leaves a sanitizer's runtime to the program that loads the library.
  if(NOT (OBSERVERD_SANITIZE AND CMAKE_CXX_COMPILER_ID MATCHES "Clang"))
    target_link_options(plugin_${name} PRIVATE -Wl,-z,defs)
  endif()
endfunction()
