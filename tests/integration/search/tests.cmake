set(whole_suites SearchOpenSearch)
add_dependencies(${target} observerd)
