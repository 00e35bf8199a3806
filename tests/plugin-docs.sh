#!/usr/bin/env bash
# tests/plugin-docs.sh BUILD-DIRECTORY
#
# Writes the tables of settings in plugins/*/README.md anew from the schemas of the built plugins.
# The test PluginDocs fails where they differ.
set -euo pipefail
build=${1:?usage: tests/plugin-docs.sh BUILD-DIRECTORY}
cmake --build "$build" --target unit_plugin_docs
OBSERVERD_REGENERATE=1 "$build/bin/unit_plugin_docs" --gtest_brief=1 --gtest_filter='PluginDocs.The*'
