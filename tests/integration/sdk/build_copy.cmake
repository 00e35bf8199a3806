# cmake -DFROM=dir -DTO=dir [-DPROJECT=dir] -DGENERATOR=… -DCACHE=file -P build_copy.cmake: copies projects
# out of the prefix, as a user does, and builds the one in PROJECT, there, in TO/build.
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${TO}")
file(COPY "${FROM}/" DESTINATION "${TO}")
execute_process(COMMAND "${CMAKE_COMMAND}" -S "${TO}/${PROJECT}" -B "${TO}/build" -G "${GENERATOR}" -C "${CACHE}"
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${TO}/build" COMMAND_ERROR_IS_FATAL ANY)
