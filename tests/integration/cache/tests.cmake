# A cluster takes more than two seconds until it takes commands.
set(whole_suites CacheCluster)
# The README's example goes through the built program.
add_dependencies(${target} observerd)
