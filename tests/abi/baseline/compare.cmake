# cmake -DGCC= -DREADELF= -DABIDIFF= -DBASELINE= -DINCLUDE= -DWORK= -DWANT=same|different
#       [-DPINNED=minor] -P compare.cmake
# Compares the headers in INCLUDE, as plugins of that minor see them, with the stored ABI of 1.0.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/probe.cmake")
file(MAKE_DIRECTORY "${WORK}")
set(pin "")
if(DEFINED PINNED)
  set(pin "-DOBSERVERD_ABI_MINOR=${PINNED}")
endif()
build_probe("${INCLUDE}" "${WORK}/probe.so" ${pin})
same_abi("${WORK}/probe.so" same)
if(WANT STREQUAL "same" AND NOT same)
  message(FATAL_ERROR "the headers in ${INCLUDE} have no longer the ABI of ${BASELINE}. Released "
                      "structs never change: add to their ends, in a new minor (sdk/ABI.md)")
elseif(WANT STREQUAL "different" AND same)
  message(FATAL_ERROR "abidiff does not see that the headers in ${INCLUDE} have more than ${BASELINE}")
endif()
