# The README's example goes through the built program.
add_dependencies(${target} observerd)
