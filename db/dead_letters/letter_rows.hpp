// Letters as rows: which columns are read, and how a filter is asked for.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <string>

#include "base/unless_empty.hpp"
#include "sqlite/statement.hpp"
#include "unity/db/dead_letters.hpp"

namespace unity::db {

#define UNITY_LETTER_COLUMNS \
  "id, time, instance, plugin, device, metric, stage, reason, detail, run"

// An unset part of a filter is NULL, and then true.
#define UNITY_LETTER_FILTER                                            \
  "(?1 IS NULL OR id IN (SELECT value FROM json_each(?1))) AND "       \
  "(?2 IS NULL OR instance = ?2) AND (?3 IS NULL OR reason = ?3) AND " \
  "(?4 IS NULL OR stage = ?4) AND (?5 IS NULL OR time >= ?5) AND (?6 IS NULL OR time < ?6)"

inline std::string to_json_list(std::span<const std::int64_t> ids) {
  return fmt::format("[{}]", fmt::join(ids, ","));
}

// Binds a filter to the first six parameters; `ids` must live until the statement is reset.
template <class... More>
Statement& bind_filter(Statement& statement, const DeadLetterFilter& filter, std::string& ids,
                       const More&... more) {
  ids = filter.ids.empty() ? std::string() : to_json_list(filter.ids);
  return statement.bind(unless_empty(ids), unless_empty(filter.instance),
                        unless_empty(filter.reason), unless_empty(filter.stage), filter.since,
                        filter.before, more...);
}

inline DeadLetter read_letter(const Statement& row) {
  DeadLetter letter;
  letter.id = row.integer(0);
  letter.time = Time(std::chrono::microseconds(row.integer(1)));
  letter.instance = row.text(2);
  letter.plugin = row.text(3);
  letter.device = row.text(4);
  letter.metric = row.text(5);
  letter.stage = row.text(6);
  letter.reason = row.text(7);
  letter.detail = row.text(8);
  letter.run = static_cast<std::uint64_t>(row.integer(9));
  return letter;
}

}  // namespace unity::db
