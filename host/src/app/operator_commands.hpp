// What operators ask of a running host through the control socket.
#pragma once

#include <filesystem>

#include "control/control.hpp"
#include "runtime/runner.hpp"
#include "runtime/tap_sessions.hpp"
#include "workers/quarantine.hpp"

namespace unity::host {

// run-now, pause and resume. `runner` outlives the commands. What is paused is kept in `state_dir`.
ControlCommands operator_commands(Runner& runner, const std::filesystem::path& state_dir,
                                  Quarantine& quarantine);

// {"instance", "stage"} begins to watch, {"session"} fetches what came.
void answer_tap(TapSessions& sessions, const json::Value& request, const ControlReply& reply);

// {"letters": [id]}: answers {"replayed", "refused": [{"id", "reason"}]}.
void answer_replay(Delivery& delivery, const Runner& runner, std::uint64_t run, EventLoop& loop,
                   WorkerPool& pool, const json::Value& request, const ControlReply& reply);

}  // namespace unity::host
