#include "query/query_sql.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <string>

#include "frames/series_rows.hpp"
#include "rollup/rollup_store.hpp"

namespace unity::db {
namespace {

std::string parameter(Dialect dialect, std::size_t number) {
  return dialect == Dialect::postgresql ? fmt::format("${}", number) : "?";
}

// A condition for each of the parameters, so that no database looks for a name that may be any.
std::string make_source_sql(Dialect dialect, const std::array<bool, 5>& given) {
  constexpr std::string_view kColumns[] = {"n.metric_name", "n.field", "d.hostname", "s.plugin_id",
                                           "s.instance"};
  std::string sql = "SELECT " UNITY_NAMED_SOURCE_COLUMNS
                    " FROM metric_sources s JOIN devices d ON d.device_id = s.device_id "
                    "JOIN metric_series n ON n.source_id = s.source_id WHERE ";
  for (std::size_t i = 0; i < given.size(); ++i) {
    sql += fmt::format("{}{} = {}", i == 0 ? "" : " AND ", given[i] ? kColumns[i] : "''",
                       parameter(dialect, i + 1));
  }
  return sql + " ORDER BY s.source_id, n.series_id";
}

std::string_view column_of(Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::min:
      return "min";
    case Aggregate::max:
      return "max";
    case Aggregate::last:
      return "last_value";
    case Aggregate::avg:
    case Aggregate::sum:
    case Aggregate::count:
      break;
  }
  return "sum";
}

std::string make_rollup_sql(Dialect dialect, Tier tier, std::string_view column, bool as_one) {
  const auto quote = dialect == Dialect::mariadb ? '`' : '"';
  const auto value = fmt::format("r.{0}{1}{0}", quote, column);
  const auto columns = as_one ? fmt::format("r.series_id, min(r.bucket), {}sum(r.n){}, {}({})",
                                            dialect == Dialect::sqlite ? "" : "CAST(",
                                            dialect == Dialect::sqlite       ? ""
                                            : dialect == Dialect::postgresql ? " AS BIGINT)"
                                                                             : " AS SIGNED)",
                                            column, value)
                              : fmt::format("r.series_id, r.bucket, r.n, {}", value);
  constexpr std::string_view kSources[] = {
      // In the order of the dialects.
      "{0} r FORCE INDEX (PRIMARY) WHERE r.series_id IN (?{1}) AND r.bucket >= ? AND r.bucket < ?",
      "{0} r WHERE r.series_id = ANY($1) AND r.bucket >= $2 AND r.bucket < $3",
      "json_each(?) w CROSS JOIN {0} r ON r.series_id = w.value "
      "AND r.bucket >= ? AND r.bucket < ?",
  };
  const auto* const table = tier == Tier::hour ? "metric_rollup_1h" : "metric_rollup_1d";
  std::string more_ids;
  for (std::size_t i = 1; i < kIdsAtOnce; ++i) more_ids += ", ?";
  return fmt::format(
      "SELECT {} FROM {}{}", columns,
      fmt::format(fmt::runtime(kSources[static_cast<std::size_t>(dialect)]), table, more_ids),
      as_one ? " GROUP BY r.series_id" : "");
}

// Texts, never removed; there are few.
template <class Key, class Make>
const char* kept(const Key& key, Make make) {
  static std::mutex mutex;
  static std::map<Key, std::string> texts;
  const std::lock_guard lock(mutex);
  auto found = texts.find(key);
  if (found == texts.end()) found = texts.emplace(key, make()).first;
  return found->second.c_str();
}

// Where a tier would be.
constexpr int kAllMarked = 3;

}  // namespace

const char* source_sql(Dialect dialect, const SeriesFilter& filter) {
  const std::array given{!filter.metric.empty(), !filter.field.empty(), !filter.device.empty(),
                         !filter.plugin.empty(), !filter.instance.empty()};
  return kept(std::pair(dialect, given), [&] { return make_source_sql(dialect, given); });
}

const char* rollup_sql(Dialect dialect, const RollupQuery& query) {
  const auto column = column_of(query.aggregate);
  return kept(std::tuple(dialect, query.tier, column, query.as_one),
              [&] { return make_rollup_sql(dialect, query.tier, column, query.as_one); });
}

const char* stored_sql(Dialect dialect) {
  return kept(std::pair(dialect, 0), [dialect] {
    return fmt::format(
        "SELECT 0, table_name, floor_time FROM retention_state WHERE table_name IN "
        "('metric_frames', 'metric_rollup_1h', 'metric_rollup_1d') "
        "UNION ALL SELECT DISTINCT tier, '', bucket FROM rollup_dirty "
        "WHERE tier IN (1, 2) AND bucket >= {} AND bucket < {} "
        "UNION ALL SELECT {}, job, last_success FROM maintenance_jobs "
        "WHERE job = '{}' AND last_success IS NOT NULL ORDER BY 3",
        parameter(dialect, 1), parameter(dialect, 2), kAllMarked, kMarksJob);
  });
}

void add_stored(Stored& stored, std::int64_t tier, std::string_view table, Time time) {
  if (tier == 0) {
    auto& floor = table == "metric_frames"      ? stored.raw_from
                  : table == "metric_rollup_1h" ? stored.hours_from
                                                : stored.days_from;
    floor = std::max(floor, time);
  } else if (tier == kAllMarked) {
    stored.all_marked = true;
  } else {
    (tier == 1 ? stored.dirty_hours : stored.dirty_days).push_back(time);
  }
}

}  // namespace unity::db
