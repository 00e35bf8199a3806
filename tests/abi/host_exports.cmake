# cmake -DNM=nm -DPROGRAM=file -P host_exports.cmake: the program exports nothing of its own, which
# a plugin's symbol of the same name would be bound to. What it shares with the libraries that it is
# linked to is there: instances of their templates (weak) and variables of theirs (versioned).
execute_process(COMMAND "${NM}" -D --defined-only --format=posix "${PROGRAM}"
  OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" lines "${symbols}")
if(NOT lines)
  message(FATAL_ERROR "nm says nothing of ${PROGRAM}")
endif()
foreach(line IN LISTS lines)
  if(line MATCHES "observerd" OR NOT line MATCHES "^[^ ]+@[^ ]+ |^[^ ]+ [VWu] ")
    message(SEND_ERROR "${PROGRAM} exports ${line}")
  endif()
endforeach()
