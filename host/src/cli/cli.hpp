// The command line: which command was meant, with which options. The only door to CLI11.
#pragma once

namespace unity::host {

// Runs the command and returns its exit code.
int run_cli(int argc, char** argv);

}  // namespace unity::host
