#include "app/operator_commands.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/host_status.hpp"
#include "app/paused_file.hpp"
#include "log/log.hpp"

namespace unity::host {
namespace {

std::string text_of(const json::Value& request, std::string_view name) {
  const auto* value = request.find(name);
  return value != nullptr && value->string() != nullptr ? *value->string() : std::string();
}

void run_now(Runner& runner, const json::Value& request, const ControlReply& reply) {
  std::optional<Duration> if_older;
  if (const auto* seconds = request.find("if_older_seconds")) {
    if_older = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(std::clamp(seconds->number(), 0.0, 1e9)));
  }
  const auto asked = runner.run_now(
      text_of(request, "instance"), if_older, [reply](const Result<RunOutcome>& outcome) {
        reply(outcome ? Result<json::Value>(to_json(*outcome)) : outcome.error());
      });
  if (!asked) reply(asked.error());
}

Result<json::Value> set_paused(Runner& runner, const std::filesystem::path& state_dir,
                               const json::Value& request, bool pause) {
  const auto id = text_of(request, "instance");
  if (const auto done = pause ? runner.pause(id) : runner.resume(id); !done) return done.error();
  log_info("collector {} was {} by an operator", id, pause ? "paused" : "resumed");
  if (const auto kept = write_paused(state_dir, runner.paused()); !kept) {
    return Error{kept.error().code,
                 fmt::format("collector {} is {} now, but will not be after a restart: {}", id,
                             pause ? "paused" : "resumed", kept.error().message)};
  }
  return json::Value(json::Object{{"instance", id}, {"paused", pause}});
}

}  // namespace

ControlCommands operator_commands(Runner& runner, const std::filesystem::path& state_dir) {
  return {{"run-now", [&runner](const json::Value& request,
                                const ControlReply& reply) { run_now(runner, request, reply); }},
          {"pause",
           [&runner, state_dir](const json::Value& request, const ControlReply& reply) {
             reply(set_paused(runner, state_dir, request, true));
           }},
          {"resume", [&runner, state_dir](const json::Value& request, const ControlReply& reply) {
             reply(set_paused(runner, state_dir, request, false));
           }}};
}

}  // namespace unity::host
