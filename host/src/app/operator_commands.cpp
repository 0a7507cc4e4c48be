#include "app/operator_commands.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/host_status.hpp"
#include "app/paused_file.hpp"
#include "app/replay.hpp"
#include "log/log.hpp"

namespace unity::host {
namespace {

constexpr std::size_t kReplayMax = 1000;  // letters at once

void run_now(Runner& runner, const json::Value& request, const ControlReply& reply) {
  std::optional<Duration> if_older;
  if (const auto* seconds = request.find("if_older_seconds")) {
    if_older = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(std::clamp(seconds->number(), 0.0, 1e9)));
  }
  const auto asked = runner.run_now(
      json::text_of(request, "instance"), if_older, [reply](const Result<RunOutcome>& outcome) {
        reply(outcome ? Result<json::Value>(to_json(*outcome)) : outcome.error());
      });
  if (!asked) reply(asked.error());
}

Result<json::Value> set_paused(Runner& runner, const std::filesystem::path& state_dir,
                               const json::Value& request, bool pause) {
  const auto id = json::text_of(request, "instance");
  if (const auto done = pause ? runner.pause(id) : runner.resume(id); !done) return done.error();
  log_info("collector {} was {} by an operator", id, pause ? "paused" : "resumed");
  if (const auto kept = write_paused(state_dir, runner.paused()); !kept) {
    return Error{kept.error().code,
                 fmt::format("collector {} is {} now, but will not be after a restart: {}", id,
                             pause ? "paused" : "resumed", kept.error().message)};
  }
  return json::Value(json::Object{{"instance", id}, {"paused", pause}});
}

Result<json::Value> release(Runner& runner, Quarantine& quarantine, const json::Value& request) {
  const auto what = json::text_of(request, "what");
  const auto freed = quarantine.release(what);
  if (!freed) return freed.error();
  for (const auto& one : runner.status()) {
    const bool held = one.state == HealthState::quarantined &&
                      std::find(freed->begin(), freed->end(), one.plugin) != freed->end();
    if (held) (void)runner.resume(one.id);
  }
  log_info("{} was released from quarantine by an operator", what);
  return json::Value(json::Object{{"released", what}});
}

json::Value to_json(const TapLines& tap) {
  json::Array lines;
  for (const auto& line : tap.lines) lines.emplace_back(line);
  return json::Object{
      {"session", tap.session}, {"lines", std::move(lines)}, {"skipped", tap.skipped}};
}

json::Value to_json(const ReplayOutcome& outcome) {
  json::Array refused;
  for (const auto& one : outcome.refused) {
    refused.emplace_back(json::Object{{"id", one.letter}, {"reason", one.reason}});
  }
  return json::Object{{"replayed", outcome.replayed}, {"refused", std::move(refused)}};
}

}  // namespace

void answer_tap(TapSessions& sessions, const json::Value& request, const ControlReply& reply) {
  const auto done = [reply](const Result<TapLines>& lines) {
    reply(lines ? Result<json::Value>(to_json(*lines)) : lines.error());
  };
  if (const auto* session = request.find("session")) {
    sessions.fetch(static_cast<std::uint64_t>(session->integer()), done);
  } else {
    sessions.begin({json::text_of(request, "instance"), json::text_of(request, "stage")}, done);
  }
}

void answer_replay(Delivery& delivery, const Runner& runner, std::uint64_t run, EventLoop& loop,
                   WorkerPool& pool, const json::Value& request, const ControlReply& reply) {
  ReplayRequest replayed;
  replayed.run = run;
  const auto* ids = request.find("letters");
  if (ids == nullptr || ids->array() == nullptr || ids->array()->size() > kReplayMax) {
    return reply(Error{Errc::invalid,
                       fmt::format("`letters` must be a list of at most {} ids", kReplayMax)});
  }
  for (const auto& id : *ids->array()) replayed.letters.push_back(id.integer());
  replayed.make_pipeline = [&runner](const std::string& instance) {
    return runner.fresh_pipeline(instance);
  };
  replayed.done = [reply](const Result<ReplayOutcome>& outcome) {
    reply(outcome ? Result<json::Value>(to_json(*outcome)) : outcome.error());
  };
  replay(delivery, loop, pool, std::move(replayed));
}

ControlCommands operator_commands(Runner& runner, const std::filesystem::path& state_dir,
                                  Quarantine& quarantine) {
  return {{"run-now", [&runner](const json::Value& request,
                                const ControlReply& reply) { run_now(runner, request, reply); }},
          {"pause",
           [&runner, state_dir](const json::Value& request, const ControlReply& reply) {
             reply(set_paused(runner, state_dir, request, true));
           }},
          {"resume",
           [&runner, state_dir](const json::Value& request, const ControlReply& reply) {
             reply(set_paused(runner, state_dir, request, false));
           }},
          {"quarantine-release",
           [&runner, &quarantine](const json::Value& request, const ControlReply& reply) {
             reply(release(runner, quarantine, request));
           }}};
}

}  // namespace unity::host
