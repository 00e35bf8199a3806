#include <exception>
#include <iostream>

#include "app/command_line.hpp"

int main(int argc, char** argv) {
  try {
    return observerd::app::run_observerd(
        {{argv + 1, argv + argc}, std::cout, std::cerr, observerd::config::Environment::process()});
  } catch (const std::exception& error) {
    // Nothing below throws in normal life: memory ran out, or a defect.
    std::cerr << "observerd: internal error: " << error.what() << '\n';
    return 70;
  }
}
