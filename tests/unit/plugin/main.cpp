// The tests, and the runner process of the plugins that they isolate.
#include <gmock/gmock.h>

#include <string_view>

#include "plugin/runner/serve.hpp"
#include "unit/plugin/fixtures.hpp"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == observerd::plugin::runner_argument) {
    return observerd::plugin::serve_plugin();
  }
  ::testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
