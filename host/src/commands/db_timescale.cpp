#include "commands/db_timescale.hpp"

#include <fmt/format.h>

#include "base/words.hpp"
#include "commands/support.hpp"

namespace unity::host {
namespace {

json::Array hypertables_of(const db::TimescaleState& state) {
  json::Array list;
  for (const auto& table : state.hypertables) {
    const auto& after = table.compress_after;
    list.emplace_back(json::Object{
        {"name", table.name},
        {"chunks", table.chunks},
        {"compressed_chunks", table.compressed_chunks},
        {"bytes", table.bytes},
        {"bytes_uncompressed", table.bytes_uncompressed},
        {"bytes_compressed", table.bytes_compressed},
        {"compress_after_seconds",
         after ? json::Value(static_cast<std::int64_t>(after->count())) : json::Value()}});
  }
  return list;
}

json::Array jobs_of(const db::TimescaleState& state) {
  json::Array list;
  for (const auto& job : state.jobs) {
    list.emplace_back(json::Object{{"id", job.id},
                                   {"what", job.what},
                                   {"hypertable", text_or_null(job.hypertable)},
                                   {"last_status", text_or_null(job.last_status)},
                                   {"last_success", time_or_null(job.last_success)},
                                   {"next_start", time_or_null(job.next_start)},
                                   {"runs", job.total_runs},
                                   {"failures", job.total_failures}});
  }
  return list;
}

std::string size_of(std::int64_t bytes) { return bytes_text(static_cast<std::uint64_t>(bytes)); }

std::string line_of(const db::HypertableState& table) {
  auto line = fmt::format("hypertable  {}: {} chunks, {}, ", table.name, table.chunks,
                          size_of(table.bytes));
  if (!table.compress_after) return line + "not compressed\n";
  line += fmt::format("compressed after {}", to_text(Duration(*table.compress_after)));
  if (table.compressed_chunks > 0) {
    line += fmt::format(": {} chunks, {} instead of {}", table.compressed_chunks,
                        size_of(table.bytes_compressed), size_of(table.bytes_uncompressed));
  }
  return line + "\n";
}

std::string line_of(const db::TimescaleJobState& job) {
  return fmt::format("policy      {} {}{}: {}, {} runs, {} failures{}\n", job.id, job.what,
                     job.hypertable.empty() ? "" : " of " + job.hypertable,
                     job.last_status.empty() ? "has not run" : job.last_status, job.total_runs,
                     job.total_failures,
                     job.next_start ? ", next at " + to_rfc3339(*job.next_start) : "");
}

}  // namespace

json::Value to_json(const std::optional<db::TimescaleState>& state) {
  if (!state) return {};
  return json::Object{
      {"installed", text_or_null(state->installed)}, {"available", text_or_null(state->available)},
      {"license", text_or_null(state->license)},     {"used", state->used},
      {"hypertables", hypertables_of(*state)},       {"jobs", jobs_of(*state)},
      {"remarks", json::array_of(state->remarks)}};
}

std::string describe(const std::optional<db::TimescaleState>& state) {
  if (!state) return {};
  auto text = fmt::format("timescaledb {}, the server has {}{}{}\n",
                          state->installed.empty() ? "not in the database" : state->installed,
                          state->available.empty() ? "none" : state->available,
                          state->license.empty() ? "" : ", licence " + state->license,
                          state->used ? "" : ", not used");
  for (const auto& table : state->hypertables) text += line_of(table);
  for (const auto& job : state->jobs) text += line_of(job);
  for (const auto& remark : state->remarks) text += fmt::format("remark      {}\n", remark);
  return text;
}

}  // namespace unity::host
