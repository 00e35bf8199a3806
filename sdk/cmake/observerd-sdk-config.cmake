# find_package(observerd-sdk 1 CONFIG REQUIRED) gives the target observerd::sdk (the headers) and
# the function observerd_add_plugin.
include("${CMAKE_CURRENT_LIST_DIR}/observerd-sdk-targets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/ObserverdPlugin.cmake")
