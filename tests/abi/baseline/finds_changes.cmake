# cmake -DGCC= -DREADELF= -DABIDIFF= -DBASELINE= -DINCLUDE= -DWORK= -P finds_changes.cmake
# The comparison is worth something only if it finds each kind of break in a changed copy.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/probe.cmake")
file(READ "${INCLUDE}/observerd/plugin.h" header)

# finds(NAME FROM TO): with FROM replaced by TO the ABI is another one.
function(finds name from to)
  string(REPLACE "${from}" "${to}" changed "${header}")
  if(changed STREQUAL header)
    message(FATAL_ERROR "${name}: the header does not hold \"${from}\" any more")
  endif()
  file(WRITE "${WORK}/${name}/observerd/plugin.h" "${changed}")
  build_probe("${WORK}/${name}" "${WORK}/${name}/probe.so")
  same_abi("${WORK}/${name}/probe.so" same)
  if(same)
    message(FATAL_ERROR "abidiff does not find it: ${name}")
  endif()
endfunction()

finds(slot_in_the_middle "  int64_t (*now_ns)(const observerd_host *self);"
      "  void (*more)(void);\n  int64_t (*now_ns)(const observerd_host *self);")
finds(slot_removed "  const void *(*extension)(const observerd_host *self, const char *name);" "")
finds(other_signature "int32_t (*start)(observerd_module *module);"
      "int32_t (*start)(observerd_module *module, int32_t why);")
finds(wider_member "int32_t outcome;" "int64_t outcome;")
finds(other_sign "int64_t retry_after_ms;" "uint64_t retry_after_ms;")
finds(other_return "int32_t (*cancelled)(const observerd_batch *self);"
      "int64_t (*cancelled)(const observerd_batch *self);")
finds(changed_frozen_struct "  observerd_str key;" "  observerd_str key;\n  observerd_str unit;")
finds(slot_at_the_end "const observerd_preview *preview);"
      "const observerd_preview *preview);\n  void (*more)(void);")
