# cmake -DREADME=file -DWORK=dir -DCACHE=file -P first_project.cmake: the first project that the README shows
# is built as it stands there, and conforms.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/blocks.cmake")
file(REMOVE_RECURSE "${WORK}")
blocks("${README}" cpp sources)
blocks("${README}" cmake projects)
list(GET sources 0 source)
list(GET projects 0 project)
file(MAKE_DIRECTORY "${WORK}/hello")
file(COPY_FILE "${project}" "${WORK}/hello/CMakeLists.txt")
file(COPY_FILE "${source}" "${WORK}/hello/hello.cpp")
execute_process(COMMAND "${CMAKE_COMMAND}" -S "${WORK}/hello" -B "${WORK}/hello/build" -C "${CACHE}"
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${WORK}/hello/build" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_CTEST_COMMAND}" --test-dir "${WORK}/hello/build" --no-tests=error
  --output-on-failure COMMAND_ERROR_IS_FATAL ANY)
