#pragma once

#include "app/command_line.hpp"

/// One function per subcommand, each in a file of its name.
namespace observerd::app {

int init_command(const Invocation& invocation);
int config_command(const Invocation& invocation);
int schema_command(const Invocation& invocation);
int run_command(const Invocation& invocation);
int check_command(const Invocation& invocation);
int migrate_command(const Invocation& invocation);
int capture_command(const Invocation& invocation);
int eval_command(const Invocation& invocation);
int test_command(const Invocation& invocation);
int plugins_command(const Invocation& invocation);
int events_command(const Invocation& invocation);
int dlq_command(const Invocation& invocation);
int deliveries_command(const Invocation& invocation);
int lanes_command(const Invocation& invocation);
int observers_command(const Invocation& invocation);
int reload_command(const Invocation& invocation);
int activate_command(const Invocation& invocation);
int adopt_command(const Invocation& invocation);
int status_command(const Invocation& invocation);
int help_command(const Invocation& invocation);
int demo_command(const Invocation& invocation);

}  // namespace observerd::app
