#include "commands/status_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/table.hpp"
#include "base/words.hpp"
#include "commands/status_json_reader.hpp"

namespace unity::host {
namespace {

// One screen: what is beyond these is counted.
constexpr std::size_t kProblemsMax = 20;
constexpr std::size_t kCollectorsMax = 40;
// Later than this is late, and not only the time that an answer takes.
constexpr Duration kLate = std::chrono::seconds(1);
constexpr std::size_t kLateNamed = 5;

bool is_healthy(const json::Value& instance) { return text_of(instance, "state") == "healthy"; }

std::string next_try(const json::Value& status, const json::Value& object, std::string_view name) {
  const auto wait = until(status, object, name);
  if (!wait) return "";
  return *wait > Duration::zero() ? "next try in " + span_text(*wait) : "next try now";
}

// "next try in 4m12s, 7 failures in a row"; what is not known is left out.
std::string prospects(const std::string& next, std::uint64_t failures) {
  auto text = next;
  if (failures > 0) {
    if (!text.empty()) text += ", ";
    text += failures == 1 ? "1 failure" : count_text(failures) + " failures in a row";
  }
  return text;
}

std::string sentence(std::string head, const std::string& prospects, const std::string& why) {
  if (!prospects.empty()) head += ", " + prospects;
  return why.empty() ? head : head + ": " + why;
}

std::string account_fault(const json::Value& account) {
  return fmt::format(
      "{} records collected, but {} stored + {} rejected + {} dropped + {} in "
      "flight; please report this",
      count_text(count_of(account, "collected")), count_text(count_of(account, "stored")),
      count_text(count_of(account, "rejected")), count_text(count_of(account, "dropped")),
      count_text(count_of(account, "in_flight")));
}

void add_storage_problems(const json::Value& status, std::vector<std::string>& lines) {
  for (const auto& storage : list_of(status, "storages")) {
    const auto id = text_of(storage, "id");
    const auto problem = text_of(storage, "problem");
    if (!flag_of(member(storage, "accounting"), "balanced", true)) {
      lines.push_back(fmt::format("FAULT storage {}: the account does not balance: {}", id,
                                  account_fault(member(storage, "accounting"))));
    }
    if (problem.empty()) continue;
    const auto waiting = count_of(member(storage, "accounting"), "in_flight");
    lines.push_back(sentence(
        fmt::format("storage {} takes nothing, {} records wait", id, count_text(waiting)),
        prospects(next_try(status, storage, "next_try"), count_of(storage, "failures")), problem));
  }
}

// What is said elsewhere on the screen, and better, is left out.
bool said_elsewhere(const json::Value& status, const std::string& warning) {
  if (warning.find("does not balance") != warning.npos) return true;
  const auto& storages = list_of(status, "storages");
  return std::any_of(storages.begin(), storages.end(), [&](const json::Value& storage) {
    const auto problem = text_of(storage, "problem");
    return !problem.empty() && warning.find(problem) != warning.npos;
  });
}

void add_collector_problems(const json::Value& status, const json::Value& instance,
                            std::vector<std::string>& lines) {
  const auto id = text_of(instance, "id");
  for (const auto& account : list_of(instance, "accounts")) {
    if (flag_of(account, "balanced", true)) continue;
    lines.push_back(
        fmt::format("FAULT collector {}: its account for storage {} does not balance: "
                    "{}",
                    id, text_of(account, "storage"), account_fault(account)));
  }
  if (!is_healthy(instance)) {
    const auto reason = text_of(instance, "reason");
    const bool tells_all = reason.find("next try") != reason.npos;
    const auto next =
        prospects(next_try(status, instance, "next_run"), count_of(instance, "consecutive_errors"));
    lines.push_back(sentence(fmt::format("collector {} is {}", id, text_of(instance, "state")),
                             tells_all ? "" : next, reason));
  }
  if (const auto notice = text_of(instance, "notice"); !notice.empty()) {
    lines.push_back(fmt::format("collector {}: {}", id, notice));
  }
  for (const auto& condition : list_of(instance, "conditions")) {
    lines.push_back(
        fmt::format("collector {}: {}, {} times, last: {}", id, text_of(condition, "name"),
                    count_text(count_of(condition, "count")), text_of(condition, "last")));
  }
}

// Many are late together, and for one reason: they share a line.
void add_late_collectors(const json::Value& status, std::vector<std::string>& lines) {
  std::vector<std::pair<Duration, std::string>> late;
  for (const auto& instance : list_of(status, "instances")) {
    const auto wait = until(status, instance, "next_run");
    if (!is_healthy(instance) || flag_of(instance, "running", false)) continue;
    if (wait && *wait < -kLate) late.emplace_back(-*wait, text_of(instance, "id"));
  }
  if (late.empty()) return;
  std::stable_sort(late.begin(), late.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  if (late.size() == 1) {
    lines.push_back(fmt::format("collector {} is late: its run has waited for {}",
                                late.front().second, span_text(late.front().first)));
    return;
  }
  std::string names;
  for (std::size_t i = 0; i < std::min(late.size(), kLateNamed); ++i) {
    names += (i > 0 ? ", " : "") + late[i].second;
  }
  if (late.size() > kLateNamed) names += fmt::format(" and {} more", late.size() - kLateNamed);
  lines.push_back(fmt::format("{} collectors are late, the first by {}: {}", late.size(),
                              span_text(late.front().first), names));
}

std::vector<std::string> find_problems(const json::Value& status) {
  std::vector<std::string> lines;
  add_storage_problems(status, lines);
  for (const auto& warning : list_of(status, "warnings")) {
    const auto* text = warning.string();
    if (text != nullptr && !said_elsewhere(status, *text)) lines.push_back(*text);
  }
  for (const auto& instance : list_of(status, "instances")) {
    add_collector_problems(status, instance, lines);
  }
  add_late_collectors(status, lines);
  std::stable_partition(lines.begin(), lines.end(),
                        [](const std::string& line) { return line.starts_with("FAULT"); });
  return lines;
}

// At most a screen wide; what does not fit goes on, indented, in the next line.
std::string wrapped(std::string_view text) {
  constexpr std::string_view kIndent = "    ";
  std::string out = "  ";
  std::size_t room = kStatusWidth - out.size();
  while (text.size() > room) {
    auto end = text.rfind(' ', room);
    if (end == text.npos || end == 0) end = room;
    out.append(text.substr(0, end)).append("\n").append(kIndent);
    text.remove_prefix(std::min(text.size(), end + (text[end] == ' ' ? 1 : 0)));
    room = kStatusWidth - kIndent.size();
  }
  return out.append(text) + "\n";
}

std::string reasons_text(const json::Object& reasons) {
  std::string text;
  for (const auto& [reason, count] : reasons) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", reason,
                        count_text(static_cast<std::uint64_t>(count.number())));
  }
  return text;
}

}  // namespace

std::string status_headline(const json::Value& status) {
  const auto problems = find_problems(status).size();
  const auto up = std::chrono::duration<double>(number_of(status, "uptime_seconds"));
  const auto http = text_of(status, "http");
  return fmt::format("unity {} (process {}), up {}: {}\nstate in {}{}\n",
                     text_of(status, "version"), count_of(status, "pid"),
                     span_text(std::chrono::duration_cast<Duration>(up)),
                     problems == 0   ? "all is well"
                     : problems == 1 ? "1 problem"
                                     : fmt::format("{} problems", problems),
                     text_of(status, "state_dir"), http.empty() ? "" : ", serving " + http);
}

std::string status_problems(const json::Value& status) {
  const auto lines = find_problems(status);
  std::string text;
  for (std::size_t i = 0; i < std::min(lines.size(), kProblemsMax); ++i) text += wrapped(lines[i]);
  if (lines.size() > kProblemsMax) {
    text +=
        fmt::format("  and {} more; `unity status --json` has all\n", lines.size() - kProblemsMax);
  }
  return text;
}

std::string status_storages(const json::Value& status) {
  Table table({"STORAGE", "STATE", "WAITING", "STORED", "REJECTED", "DROPPED", "COMMITS",
               "LAST COMMIT", "ACCOUNT"});
  for (const auto& storage : list_of(status, "storages")) {
    const auto& account = member(storage, "accounting");
    const auto circuit = text_of(storage, "circuit");
    table.add({text_of(storage, "id") + (flag_of(storage, "required", true) ? "" : " (optional)"),
               !text_of(storage, "problem").empty() && circuit == "closed" ? "failing"
               : circuit == "closed"                                       ? "ok"
                                                                           : circuit,
               count_text(count_of(account, "in_flight")), count_text(count_of(account, "stored")),
               count_text(count_of(account, "rejected")), count_text(count_of(account, "dropped")),
               count_text(count_of(storage, "commits")),
               fmt::format("{:.1f} ms", number_of(storage, "last_commit_ms")),
               flag_of(account, "balanced", true) ? "balanced" : "FAULT"});
  }
  return table.empty() ? "" : table.to_text(kStatusWidth);
}

std::string status_totals(const json::Value& status) {
  std::string text;
  if (const auto& spool = member(status, "spool"); spool.object() != nullptr) {
    text += fmt::format(
        "spool: {} of {} in {} segments{}; sync {}, when full {}\n",
        bytes_text(count_of(spool, "bytes")), bytes_text(count_of(spool, "max_bytes")),
        count_text(count_of(spool, "segments")), flag_of(spool, "full", false) ? ", FULL" : "",
        text_of(spool, "sync"), text_of(spool, "when_full"));
  }
  if (const auto& schedule = member(status, "schedule"); schedule.object() != nullptr) {
    text += fmt::format(
        "runs: {} started, late by {:.1f} ms (p50), {:.1f} ms (p99); {} missed for "
        "want of room\n",
        count_text(count_of(schedule, "started")), number_of(schedule, "lateness_p50_ms"),
        number_of(schedule, "lateness_p99_ms"), count_text(count_of(schedule, "missed_for_room")));
    const auto change = text_of(schedule, "last_clock_change");
    if (!change.empty()) text += "last change of the clock: " + change + "\n";
  }
  if (const auto& workers = member(status, "workers"); workers.object() != nullptr) {
    text +=
        fmt::format("workers: {} processes run plugins\n", count_text(count_of(workers, "alive")));
    if (const auto abandoned = count_of(workers, "abandoned"); abandoned > 0) {
      text += fmt::format("  killed, and do not die: {}\n", count_text(abandoned));
    }
    for (const auto& gap : list_of(workers, "not_enforced")) {
      if (gap.string() != nullptr) text += "  not enforced: " + *gap.string() + "\n";
    }
  }
  const auto dropped = reasons_text(members_of(member(status, "accounting"), "dropped_by"));
  if (!dropped.empty()) text += "dropped: " + dropped + "\n";
  if (const auto& letters = member(status, "dead_letters"); count_of(letters, "letters") > 0) {
    text += fmt::format("dead letters: {} ({}); `unity dlq ls` lists them\n",
                        count_text(count_of(letters, "letters")),
                        reasons_text(members_of(letters, "by_reason")));
  }
  return text;
}

std::string status_collectors(const json::Value& status) {
  std::vector<const json::Value*> instances;
  for (const auto& instance : list_of(status, "instances")) instances.push_back(&instance);
  std::stable_partition(instances.begin(), instances.end(),
                        [](const json::Value* one) { return !is_healthy(*one); });
  Table table({"COLLECTOR", "STATE", "RUNS", "MISSED", "ERRORS", "P50 MS", "P95 MS", "P99 MS",
               "CPU MS/RUN", "CPU %", "NEXT"});
  const auto up = number_of(status, "uptime_seconds");
  for (std::size_t i = 0; i < std::min(instances.size(), kCollectorsMax); ++i) {
    const auto& one = *instances[i];
    const auto runs = number_of(one, "runs");
    const auto cpu = number_of(one, "cpu_seconds");
    const auto wait = until(status, one, "next_run");
    table.add({text_of(one, "id"), text_of(one, "state"), count_text(count_of(one, "runs")),
               count_text(count_of(one, "missed")), count_text(count_of(one, "errors")),
               fmt::format("{:.1f}", number_of(one, "duration_p50_ms")),
               fmt::format("{:.1f}", number_of(one, "duration_p95_ms")),
               fmt::format("{:.1f}", number_of(one, "duration_p99_ms")),
               runs > 0 ? fmt::format("{:.2f}", cpu * 1000 / runs) : "-",
               up > 0 ? fmt::format("{:.2f}", cpu * 100 / up) : "-",
               flag_of(one, "running", false) ? "running"
               : wait                         ? span_text(*wait)
                                              : "-"});
  }
  auto text = table.empty() ? "" : table.to_text(kStatusWidth);
  if (instances.size() > kCollectorsMax) {
    text += fmt::format("and {} more; `unity status --instance ID` shows one, --json all\n",
                        instances.size() - kCollectorsMax);
  }
  return text;
}

std::string status_screen(const json::Value& status) {
  std::string text = status_headline(status);
  for (auto part : {status_problems, status_storages, status_totals, status_collectors}) {
    const auto shown = part(status);
    if (!shown.empty()) text += "\n" + shown;
  }
  return text;
}

}  // namespace unity::host
