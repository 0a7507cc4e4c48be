// What operators ask of a running host's collectors through the control socket.
#pragma once

#include <filesystem>

#include "control/control.hpp"
#include "runtime/runner.hpp"

namespace unity::host {

// run-now, pause and resume. `runner` outlives the commands. What is paused is kept in `state_dir`.
ControlCommands operator_commands(Runner& runner, const std::filesystem::path& state_dir);

}  // namespace unity::host
