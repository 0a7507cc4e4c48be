#include <fmt/format.h>

#include "base/table.hpp"
#include "base/words.hpp"
#include "commands/status_json_reader.hpp"
#include "commands/status_text.hpp"
#include "unity/core/base/suggest.hpp"

namespace unity::host {
namespace {

Error not_found(const json::Value& status, std::string_view id) {
  std::vector<std::string> ids;
  for (const auto& instance : list_of(status, "instances")) ids.push_back(text_of(instance, "id"));
  const auto near = nearest(id, ids);
  return {Errc::not_found, fmt::format("there is no collector \"{}\"{}", id,
                                       near ? fmt::format("; did you mean \"{}\"?", *near)
                                            : "; `unity status` lists them")};
}

std::string ago(const json::Value& status, const json::Value& one, std::string_view name) {
  const auto wait = until(status, one, name);
  return wait ? span_text(-*wait) + " ago" : std::string("never");
}

std::string accounts_table(const json::Value& one) {
  Table table({"STORAGE", "COLLECTED", "STORED", "REJECTED", "DROPPED", "IN FLIGHT", "ACCOUNT"});
  for (const auto& account : list_of(one, "accounts")) {
    table.add({text_of(account, "storage"), count_text(count_of(account, "collected")),
               count_text(count_of(account, "stored")), count_text(count_of(account, "rejected")),
               count_text(count_of(account, "dropped")), count_text(count_of(account, "in_flight")),
               flag_of(account, "balanced", true) ? "balanced" : "FAULT"});
  }
  return table.empty() ? "" : "\n" + table.to_text(kStatusWidth);
}

std::string conditions_text(const json::Value& one) {
  std::string text;
  for (const auto& condition : list_of(one, "conditions")) {
    text += fmt::format("condition: {}, {} times since {}\n  first: {}\n  last:  {}\n",
                        text_of(condition, "name"), count_text(count_of(condition, "count")),
                        text_of(condition, "first_time"), text_of(condition, "first"),
                        text_of(condition, "last"));
  }
  return text;
}

std::string describe(const json::Value& status, const json::Value& one) {
  const auto runs = number_of(one, "runs");
  const auto cpu = number_of(one, "cpu_seconds");
  const auto up = number_of(status, "uptime_seconds");
  const auto wait = until(status, one, "next_run");
  const auto reason = text_of(one, "reason");
  const auto interval = std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(number_of(one, "interval_seconds")));
  auto text =
      fmt::format("collector {} of plugin {} {}, {}: {}{}{}\n", text_of(one, "id"),
                  text_of(one, "plugin"), text_of(one, "version"), text_of(one, "isolation"),
                  text_of(one, "state"), reason.empty() ? "" : ": ", reason);
  if (const auto notice = text_of(one, "notice"); !notice.empty()) text += notice + "\n";
  text += fmt::format("every {}; next run {}; last run {}, last success {}\n", span_text(interval),
                      flag_of(one, "running", false) ? "goes on now"
                      : wait                         ? "in " + span_text(*wait)
                                                     : "none planned",
                      ago(status, one, "last_run"), ago(status, one, "last_success"));
  text += fmt::format("runs: {}, {} missed, {} failed, {} of them in a row\n",
                      count_text(count_of(one, "runs")), count_text(count_of(one, "missed")),
                      count_text(count_of(one, "errors")),
                      count_text(count_of(one, "consecutive_errors")));
  text +=
      fmt::format("took: {:.1f} ms (p50), {:.1f} ms (p95), {:.1f} ms (p99), {:.1f} ms the last\n",
                  number_of(one, "duration_p50_ms"), number_of(one, "duration_p95_ms"),
                  number_of(one, "duration_p99_ms"), number_of(one, "last_duration_ms"));
  text += fmt::format("CPU: {:.3f} s in all, {:.2f} ms a run, {:.2f} % of a core\n", cpu,
                      runs > 0 ? cpu * 1000 / runs : 0, up > 0 ? cpu * 100 / up : 0);
  if (const auto error = text_of(one, "last_error"); !error.empty()) {
    text += "last error: " + error + "\n";
  }
  return text + conditions_text(one) + accounts_table(one);
}

}  // namespace

Result<std::string> status_of_instance(const json::Value& status, std::string_view id) {
  for (const auto& instance : list_of(status, "instances")) {
    if (text_of(instance, "id") == id) return describe(status, instance);
  }
  return not_found(status, id);
}

}  // namespace unity::host
