# Pages and completions beside those that ../CMakeLists.txt names: shells look for a completion by the
# name of the command.
install_manual(observerd observerd-tables.7 observerd-templates.7)
set(with_the_checker COMPONENT plugin_check EXCLUDE_FROM_ALL)
install(FILES "${manual}/completions/plugin-check.bash" RENAME observerd-plugin-check
        DESTINATION share/bash-completion/completions ${with_the_checker} OPTIONAL)
install(FILES "${manual}/completions/plugin-check.zsh" RENAME _observerd-plugin-check
        DESTINATION share/zsh/vendor-completions ${with_the_checker} OPTIONAL)
install(FILES "${manual}/completions/plugin-check.fish" RENAME observerd-plugin-check.fish
        DESTINATION share/fish/vendor_completions.d ${with_the_checker} OPTIONAL)
