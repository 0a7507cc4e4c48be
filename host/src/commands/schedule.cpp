// What an operator asks of the running host's schedule.
#include <fmt/format.h>

#include <iostream>

#include "commands/status_json_reader.hpp"
#include "commands/support.hpp"
#include "control/control.hpp"
#include "unity/core/ports/collector.hpp"

namespace unity::host {
namespace {

bool succeeded(const json::Value& outcome) {
  const auto word = text_of(outcome, "outcome");
  return word == to_text(RunClass::ok) || word == to_text(RunClass::partial);
}

std::string describe(const std::string& instance, const json::Value& outcome) {
  const auto* ran = outcome.find("ran");
  if (ran != nullptr && ran->boolean() != nullptr && !*ran->boolean()) {
    return fmt::format("collector {} was not run: it succeeded at {}\n", instance,
                       text_of(outcome, "started"));
  }
  const auto message = text_of(outcome, "message");
  return fmt::format("collector {}: {}, {:.0f} records in {:.1f} ms{}{}\n", instance,
                     text_of(outcome, "outcome"), number_of(outcome, "records"),
                     number_of(outcome, "duration_ms"), message.empty() ? "" : ": ", message);
}

int ask(const CommonOptions& common, const char* command, const std::string& instance) {
  const auto state_dir = find_state_dir(common);
  if (!state_dir) return kExitBadConfig;
  const auto answer =
      ask_host(*state_dir, json::Object{{"command", command}, {"instance", instance}});
  if (!answer) return report(answer.error());
  if (common.json) print_json(*answer);
  return kExitDone;
}

}  // namespace

int run_now_command(const CommonOptions& common, const RunNowOptions& options) {
  json::Value request{json::Object{{"command", "run-now"}, {"instance", options.instance}}};
  if (!options.if_older.empty()) {
    const auto age = parse_duration(options.if_older);
    if (!age) {
      std::cerr << fmt::format("unity: --if-older must be a duration such as 60s, not \"{}\"\n",
                               options.if_older);
      return kExitUsage;
    }
    request.set("if_older_seconds", std::chrono::duration<double>(*age).count());
  }
  const auto state_dir = find_state_dir(common);
  if (!state_dir) return kExitBadConfig;
  // The run has its own timeout, and may have to wait for the one before it.
  const auto outcome = ask_host(*state_dir, request, std::chrono::seconds::zero());
  if (!outcome) return report(outcome.error());
  if (common.json) {
    print_json(*outcome);
  } else {
    print(describe(options.instance, *outcome));
  }
  return succeeded(*outcome) ? kExitDone : kExitFailed;
}

int pause_command(const CommonOptions& common, const std::string& instance) {
  return ask(common, "pause", instance);
}

int resume_command(const CommonOptions& common, const std::string& instance) {
  return ask(common, "resume", instance);
}

}  // namespace unity::host
