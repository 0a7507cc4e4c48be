#include <exception>
#include <iostream>

#include "base/exit_code.hpp"
#include "cli/cli.hpp"

int main(int argc, char** argv) {
  try {
    return unity::host::run_cli(argc, argv);
  } catch (const std::exception& exception) {
    std::cerr << "unity: internal error: " << exception.what() << "\n";
    return unity::host::kExitFailed;
  }
}
