# cmake -DNM=nm -DDIRECTORY=dir -P exports.cmake: every *.so there exports the entry symbol and
# nothing else.
file(GLOB plugins "${DIRECTORY}/*.so")
if(NOT plugins)
  message(FATAL_ERROR "no plugins in ${DIRECTORY}")
endif()
foreach(plugin IN LISTS plugins)
  execute_process(COMMAND "${NM}" -D --defined-only --format=posix "${plugin}"
    OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX REPLACE " [^\n]*\n" ";" names "${symbols}")
  list(REMOVE_ITEM names "")
  if(NOT names STREQUAL "observerd_plugin_entry_v1")
    message(SEND_ERROR "${plugin} exports: ${names}")
  endif()
endforeach()
