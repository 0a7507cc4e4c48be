#include "commands/dlq.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <limits>

#include "app/state_dir.hpp"
#include "base/table.hpp"
#include "base/terminal.hpp"
#include "base/wall_clock.hpp"
#include "commands/moment.hpp"
#include "commands/support.hpp"
#include "control/control.hpp"
#include "unity/core/json/stored_record.hpp"
#include "unity/db/dead_letters.hpp"

namespace unity::host {
namespace {

// Letters named in one request to the host, so that a request has a bound.
constexpr std::size_t kReplayedAtOnce = 100;

// In the largest unit of which there is at least one: "3m", "2d".
std::string age(Time time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(wall_now() - time).count();
  if (seconds < 0) return "0s";
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m", seconds / 60);
  if (seconds < 86400) return fmt::format("{}h", seconds / 3600);
  return fmt::format("{}d", seconds / 86400);
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

// On one line, whatever a plugin wrote.
std::string on_a_line(std::string text) {
  for (auto& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
  }
  return text;
}

Result<db::DeadLetterFilter> to_filter(const DlqSelection& selection) {
  db::DeadLetterFilter filter{selection.ids,   selection.instance, selection.reason,
                              selection.stage, std::nullopt,       std::nullopt};
  if (!selection.since.empty()) {
    filter.since = parse_moment(selection.since);
    if (!filter.since) {
      return Error{Errc::invalid, fmt::format("--since {} is not a time; write it like "
                                              "2026-01-31T12:00:00Z, or -1h for an hour ago",
                                              selection.since)};
    }
  }
  if (!selection.older_than.empty()) {
    const auto duration = parse_duration(selection.older_than);
    if (!duration) {
      return Error{Errc::invalid, fmt::format("--older-than {} is not a duration; write it like "
                                              "12h or 7d",
                                              selection.older_than)};
    }
    filter.before = wall_now() - std::chrono::floor<std::chrono::microseconds>(*duration);
  }
  return filter;
}

int usage(const Error& error) {
  report(error);
  return kExitUsage;
}

// For what cannot be undone: a filter that was forgotten must not mean everything.
Result<db::DeadLetterFilter> to_deliberate_filter(const DlqSelection& selection,
                                                  std::string_view verb) {
  auto filter = to_filter(selection);
  if (!filter) return filter;
  const bool everything = *filter == db::DeadLetterFilter{};
  if (everything && !selection.all) {
    return Error{Errc::invalid,
                 fmt::format("which dead letters are to be {}? Give ids or a filter, "
                             "or --all for every one",
                             verb)};
  }
  if (!everything && selection.all) {
    return Error{Errc::invalid,
                 "--all means every dead letter: it goes with neither ids nor a "
                 "filter"};
  }
  return filter;
}

json::Object to_json(const db::DeadLetter& letter) {
  return {
      {"id", letter.id},         {"time", to_rfc3339(letter.time)}, {"instance", letter.instance},
      {"plugin", letter.plugin}, {"device", letter.device},         {"metric", letter.metric},
      {"stage", letter.stage},   {"reason", letter.reason},         {"detail", letter.detail},
      {"run", letter.run}};
}

json::Object to_json(const db::DeadLetterState& state) {
  json::Object by_reason;
  for (const auto& [reason, count] : state.by_reason) by_reason.emplace_back(reason, count);
  return {{"total", state.letters},         {"bytes", state.bytes},
          {"overflowed", state.overflowed}, {"replayed", state.replayed},
          {"purged", state.purged},         {"by_reason", std::move(by_reason)}};
}

std::string summary(const db::DeadLetterState& state, std::size_t shown) {
  if (state.letters == 0 && state.overflowed == 0) return "there are no dead letters\n";
  std::vector<std::string> reasons;
  for (const auto& [reason, count] : state.by_reason) {
    reasons.push_back(fmt::format("{} {}", count, reason));
  }
  auto text = fmt::format("{} of {} dead letters", shown, state.letters);
  if (!reasons.empty()) text += fmt::format(": {} in all", fmt::join(reasons, ", "));
  text += "\n";
  if (state.overflowed > 0) {
    text += fmt::format("{} older ones went for lack of room\n", state.overflowed);
  }
  return text;
}

int print_letters(const CommonOptions& common, const std::vector<db::DeadLetter>& letters,
                  const db::DeadLetterState& state) {
  if (common.json) {
    json::Array list;
    for (const auto& letter : letters) list.emplace_back(to_json(letter));
    auto document = to_json(state);
    document.emplace_back("letters", std::move(list));
    print_json(std::move(document));
    return kExitDone;
  }
  Table table({"ID", "AGE", "INSTANCE", "METRIC", "STAGE", "REASON", "DETAIL"});
  for (const auto& letter : letters) {
    table.add({fmt::to_string(letter.id), age(letter.time), or_dash(on_a_line(letter.instance)),
               or_dash(on_a_line(letter.metric)), on_a_line(letter.stage), on_a_line(letter.reason),
               on_a_line(letter.detail)});
  }
  const auto terminal = terminal_size(STDOUT_FILENO);
  constexpr std::size_t unbounded = 0;
  if (!table.empty()) print(table.to_text(terminal ? terminal->columns : unbounded));
  print(summary(state, letters.size()));
  return kExitDone;
}

// What a replay would do with it.
std::string prospect(const Result<json::Payload>& payload) {
  if (!payload) return fmt::format("not possible: {}", payload.error().message);
  return payload->processed ? "as processed, to the storages" : "as emitted, through the pipeline";
}

struct Replayed {
  std::uint64_t taken = 0;
  json::Array refused;  // of {"id", "reason"}
};

// One request of the host and its answer: {"replayed": N, "refused": [{"id", "reason"}]}, or
// {"error": TEXT}.
Result<void> replay(const std::filesystem::path& state_dir, std::span<const db::DeadLetter> letters,
                    Replayed& replayed) {
  json::Array ids;
  for (const auto& letter : letters) ids.emplace_back(letter.id);
  const auto answer =
      ask_host(state_dir, json::Object{{"command", "replay"}, {"letters", std::move(ids)}});
  if (!answer) return answer.error();
  if (const auto* error = answer->find("error"); error != nullptr && error->string() != nullptr) {
    return Error{Errc::refused, "the host does not replay: " + *error->string()};
  }
  const auto* taken = answer->find("replayed");
  if (taken == nullptr || !taken->is_integer()) {
    return Error{Errc::internal, "the host's answer does not say what was replayed"};
  }
  replayed.taken += static_cast<std::uint64_t>(taken->integer());
  const auto* refused = answer->find("refused");
  if (refused != nullptr && refused->array() != nullptr) {
    for (const auto& one : *refused->array()) replayed.refused.push_back(one);
  }
  return {};
}

int print_replayed(const CommonOptions& common, const Replayed& replayed) {
  if (common.json) {
    print_json(json::Object{{"replayed", replayed.taken}, {"refused", replayed.refused}});
  } else {
    print(fmt::format("replayed {} dead letters\n", replayed.taken));
    for (const auto& one : replayed.refused) {
      const auto* id = one.find("id");
      const auto* reason = one.find("reason");
      std::cerr << fmt::format("unity: letter {} stays: {}\n", id ? json::dump(*id) : "?",
                               reason && reason->string() ? *reason->string() : "no reason given");
    }
  }
  return replayed.refused.empty() ? kExitDone : kExitFailed;
}

}  // namespace

int dlq_ls_command(const CommonOptions& common, const DlqSelection& selection, std::size_t limit) {
  const auto filter = to_filter(selection);
  if (!filter) return usage(filter.error());
  const auto loaded = load_and_report(common);
  if (!loaded) return kExitBadConfig;
  auto letters = db::DeadLetters::open_existing(dead_letters_file(loaded->config->state_dir));
  if (!letters && letters.error().code == Errc::not_found) return print_letters(common, {}, {});
  if (!letters) return report(letters.error());
  const auto list = letters->list(*filter, limit);
  if (!list) return report(list.error());
  const auto state = letters->state();
  if (!state) return report(state.error());
  return print_letters(common, *list, *state);
}

int dlq_show_command(const CommonOptions& common, std::int64_t id) {
  const auto loaded = load_and_report(common);
  if (!loaded) return kExitBadConfig;
  auto letters = db::DeadLetters::open_existing(dead_letters_file(loaded->config->state_dir));
  if (!letters) return report(letters.error());
  const auto letter = letters->get(id);
  if (!letter) return report(letter.error());
  const auto replay = prospect(json::read_payload(letter->payload));
  const auto payload = json::parse(letter->payload);
  if (common.json) {
    auto document = to_json(*letter);
    document.emplace_back("replay", replay);
    document.emplace_back("payload", letter->payload);
    print_json(std::move(document));
    return kExitDone;
  }
  const auto line = [](std::string_view name, const std::string& value) {
    print(fmt::format("{:<9} {}\n", name, or_dash(on_a_line(value))));
  };
  line("id", fmt::to_string(letter->id));
  line("time", fmt::format("{} ({} ago)", to_rfc3339(letter->time), age(letter->time)));
  line("instance", letter->instance);
  line("plugin", letter->plugin);
  line("device", letter->device);
  line("metric", letter->metric);
  line("run", letter->run == 0 ? "" : fmt::to_string(letter->run));
  line("stage", letter->stage);
  line("reason", letter->reason);
  line("detail", letter->detail);
  line("replay", replay);
  print("payload\n");
  print(payload ? json::dump(*payload, json::Style::pretty) : letter->payload);
  print("\n");
  return kExitDone;
}

int dlq_replay_command(const CommonOptions& common, const DlqSelection& selection) {
  const auto filter = to_deliberate_filter(selection, "replayed");
  if (!filter) return usage(filter.error());
  const auto loaded = load_and_report(common);
  if (!loaded) return kExitBadConfig;
  const auto& state_dir = loaded->config->state_dir;
  auto letters = db::DeadLetters::open_existing(dead_letters_file(state_dir));
  if (!letters) return report(letters.error());
  auto list = letters->list(*filter, std::numeric_limits<std::size_t>::max());
  if (!list) return report(list.error());
  std::reverse(list->begin(), list->end());  // in the order in which they were emitted
  Replayed replayed;
  for (std::span<const db::DeadLetter> rest(*list); !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), kReplayedAtOnce));
    if (auto done = replay(state_dir, some, replayed); !done) {
      if (replayed.taken > 0) print_replayed(common, replayed);
      return report(done.error());
    }
    rest = rest.subspan(some.size());
  }
  return print_replayed(common, replayed);
}

int dlq_purge_command(const CommonOptions& common, const DlqSelection& selection) {
  const auto filter = to_deliberate_filter(selection, "removed");
  if (!filter) return usage(filter.error());
  const auto loaded = load_and_report(common);
  if (!loaded) return kExitBadConfig;
  auto letters = db::DeadLetters::open_existing(dead_letters_file(loaded->config->state_dir));
  if (!letters) return report(letters.error());
  const auto removed = letters->purge(*filter);
  if (!removed) return report(removed.error());
  if (common.json) {
    print_json(json::Object{{"removed", *removed}});
  } else {
    print(fmt::format("removed {} dead letters\n", *removed));
  }
  return kExitDone;
}

}  // namespace unity::host
