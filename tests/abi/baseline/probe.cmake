# build_probe(INCLUDE OUT option…): the probe against the headers in INCLUDE. Without debugging
# information abidiff would find any two libraries equal, so that is looked for.
function(build_probe include out)
  execute_process(COMMAND "${GCC}" -std=c11 -g -O0 -shared -fPIC ${ARGN} "-I${include}"
    -o "${out}" "${CMAKE_CURRENT_LIST_DIR}/probe.c" COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND "${READELF}" -SW "${out}" OUTPUT_VARIABLE sections COMMAND_ERROR_IS_FATAL ANY)
  if(NOT sections MATCHES "\\.debug_info")
    message(FATAL_ERROR "${out} has no debugging information: a comparison would say nothing")
  endif()
endfunction()

# same_abi(PROBE RESULT): whether the probe has the ABI of the baseline; what differs goes to the log.
function(same_abi probe result)
  execute_process(COMMAND "${ABIDIFF}" "${BASELINE}" "${probe}" RESULT_VARIABLE code OUTPUT_VARIABLE text
    ERROR_VARIABLE text)
  if(code EQUAL 0)
    set(${result} TRUE PARENT_SCOPE)
  else()
    set(${result} FALSE PARENT_SCOPE)
    message(STATUS "abidiff says ${code} of ${probe}:\n${text}")
  endif()
endfunction()
