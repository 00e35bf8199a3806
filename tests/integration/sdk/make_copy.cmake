# cmake -DFROM=dir -DTO=dir -DPROJECT=dir -DPREFIX=dir -DMAKE=program -DARGUMENTS=… -P make_copy.cmake:
# the same with make, which finds the SDK by pkg-config.
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${TO}")
file(COPY "${FROM}/" DESTINATION "${TO}")
separate_arguments(ARGUMENTS UNIX_COMMAND "${ARGUMENTS}")
set(ENV{PKG_CONFIG_PATH} "${PREFIX}/share/pkgconfig")
execute_process(COMMAND "${MAKE}" -C "${TO}/${PROJECT}" ${ARGUMENTS} COMMAND_ERROR_IS_FATAL ANY)
