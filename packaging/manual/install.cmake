# Manual pages and completions, made from what the built programs say of themselves. The target
# packaging_manual makes them; without it an installation goes without them, and cpack refuses to pack.
find_program(PYTHON3 NAMES python3)
set(manual "${CMAKE_CURRENT_BINARY_DIR}/manual")
add_custom_target(packaging_manual
  COMMAND "${CMAKE_COMMAND}" -E rm -rf "${manual}"
  COMMAND "${CMAKE_COMMAND}" -E env PYTHONDONTWRITEBYTECODE=1 "${PYTHON3}"
          "${CMAKE_CURRENT_LIST_DIR}/make.py" "${CMAKE_SOURCE_DIR}"
          "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}" "${CMAKE_BINARY_DIR}/plugins" "${manual}"
  # Compressed as both package systems want them, without a time stamp.
  COMMAND find "${manual}/man" -type f -exec gzip -9n {} +
  VERBATIM)
add_dependencies(packaging_manual observerd plugins observerd-plugin-check)

function(install_manual component)
  foreach(page IN LISTS ARGN)
    string(REGEX MATCH "[0-9]$" section "${page}")
    install(FILES "${manual}/man/man${section}/${page}.gz" DESTINATION "share/man/man${section}"
            COMPONENT "${component}" EXCLUDE_FROM_ALL OPTIONAL)
  endforeach()
endfunction()
install_manual(observerd observerd.8 observerd.json.5 observerd-conditions.7 observerd-errors.7
               observerd-plugins.7 observerd-tables.7 observerd-templates.7)
install_manual(plugin_check observerd-plugin-check.1)
# Shells look for a completion by the name of the command.
install(FILES "${manual}/completions/bash" RENAME observerd
        DESTINATION share/bash-completion/completions ${only_in_packages})
install(FILES "${manual}/completions/zsh" RENAME _observerd
        DESTINATION share/zsh/vendor-completions ${only_in_packages})
install(FILES "${manual}/completions/fish" RENAME observerd.fish
        DESTINATION share/fish/vendor_completions.d ${only_in_packages})
set(with_the_checker COMPONENT plugin_check EXCLUDE_FROM_ALL)
install(FILES "${manual}/completions/plugin-check.bash" RENAME observerd-plugin-check
        DESTINATION share/bash-completion/completions ${with_the_checker} OPTIONAL)
install(FILES "${manual}/completions/plugin-check.zsh" RENAME _observerd-plugin-check
        DESTINATION share/zsh/vendor-completions ${with_the_checker} OPTIONAL)
install(FILES "${manual}/completions/plugin-check.fish" RENAME observerd-plugin-check.fish
        DESTINATION share/fish/vendor_completions.d ${with_the_checker} OPTIONAL)
