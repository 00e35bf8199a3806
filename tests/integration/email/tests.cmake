add_dependencies(${target} observerd)
