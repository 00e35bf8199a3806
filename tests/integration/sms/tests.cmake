set(whole_suites SmsContract)
add_dependencies(${target} observerd)
