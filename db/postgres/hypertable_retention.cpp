#include "postgres/hypertable_retention.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "retention/size_cap.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::string_view kLookingAtChunks = "look at the chunks of";

// What is compressed counts as such.
constexpr const char* kChunks =
    "SELECT c.range_start, c.range_end, coalesce(s.total_bytes, 0)::bigint "
    "FROM timescaledb_information.chunks c "
    "LEFT JOIN chunks_detailed_size($1::text::regclass) s "
    "ON s.chunk_schema = c.chunk_schema AND s.chunk_name = c.chunk_name "
    "WHERE c.hypertable_schema = current_schema() AND c.hypertable_name = $1::text "
    "ORDER BY c.range_start";
constexpr const char* kIsThere =
    "SELECT 1 FROM timescaledb_information.chunks WHERE hypertable_schema = current_schema() "
    "AND hypertable_name = $1::text AND range_start = $2 AND range_end = $3";

std::string timestamp_literal(Time time) {
  return fmt::format("TIMESTAMPTZ '{}'", to_rfc3339(time));
}

}  // namespace

Result<std::vector<HypertableRetention::Chunk>> HypertableRetention::chunks(
    const std::string& table) {
  auto rows = connection().query(kChunks, Parameters(table), kLookingAtChunks);
  if (!rows) return std::move(rows).error();
  std::vector<Chunk> found;
  for (int i = 0; i < rows->size(); ++i) {
    found.push_back({rows->time(i, 0), rows->time(i, 1), rows->integer(i, 2)});
  }
  return found;
}

Result<bool> HypertableRetention::is_gone(const std::string& table, const Chunk& chunk) {
  auto rows =
      connection().query(kIsThere, Parameters(table, chunk.first, chunk.end), kLookingAtChunks);
  if (!rows) return std::move(rows).error();
  return rows->size() == 0;
}

Result<std::optional<Time>> HypertableRetention::floor_for_size(const AgingTable& table,
                                                                std::uint64_t bytes_max,
                                                                Time today) {
  if (!hypertables_.contains(table.table)) {
    return PostgresRetention::floor_for_size(table, bytes_max, today);
  }
  auto found = chunks(table.table);
  if (!found) return std::move(found).error();
  const auto* one = newest_too_much(*found, bytes_max);
  return one != nullptr ? std::optional(std::min(one->end, today)) : std::optional<Time>();
}

Result<Forgotten> HypertableRetention::forget(const AgingTable& table, Time floor) {
  if (!hypertables_.contains(table.table)) return PostgresRetention::forget(table, floor);
  auto found = chunks(table.table);
  if (!found) return std::move(found).error();
  for (const auto& chunk : *found) {
    if (chunk.end > floor) break;
    auto census = count(table, chunk);
    if (!census) return std::move(census).error();
    if (census->stays && census->going == 0) continue;
    const auto range = fmt::format("{0} >= {1} AND {0} < {2}", table.time_column,
                                   timestamp_literal(chunk.first), timestamp_literal(chunk.end));
    auto step = hastily(
        {census->stays
             ? fmt::format("DELETE FROM {} WHERE {} AND NOT ({})", table.table, range, table.stays)
             : fmt::format("SELECT drop_chunks('{}', older_than => {}, newer_than => {})",
                           table.table, timestamp_literal(chunk.end),
                           timestamp_literal(chunk.first))});
    if (!step || !step->busy.empty()) return step;
    if (!census->stays) {
      auto gone = is_gone(table.table, chunk);
      if (!gone) return std::move(gone).error();
      if (!*gone) {
        return Error{Errc::unavailable,
                     fmt::format("drop_chunks dropped no chunk of {} from {} to {}", table.table,
                                 to_rfc3339(chunk.first), to_rfc3339(chunk.end))};
      }
    }
    step->rows = census->stays ? static_cast<std::uint64_t>(census->going) : 0;
    step->partitions = census->stays ? 0 : 1;
    step->more = true;
    return step;
  }
  return Forgotten{};
}

Result<HypertableRetention::Census> HypertableRetention::count(const AgingTable& table,
                                                               const Chunk& chunk) {
  if (table.stays.empty()) return Census{};
  auto row = connection().query(
      keep_text(fmt::format("SELECT count(*) FILTER (WHERE NOT stays), "
                            "coalesce(bool_or(stays), FALSE) FROM (SELECT {0} AS stays FROM {1} "
                            "WHERE {2} >= $1 AND {2} < $2) r",
                            table.stays, table.table, table.time_column)),
      Parameters(chunk.first, chunk.end), kLookingAtChunks);
  if (!row) return std::move(row).error();
  return Census{row->integer(0, 0), row->flag(0, 1)};
}

}  // namespace unity::db::postgres
