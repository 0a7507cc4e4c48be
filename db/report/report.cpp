#include "unity/db/report.hpp"

#include <fmt/args.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/now.hpp"
#include "registry.hpp"
#include "report/ask_session.hpp"
#include "transfer/tables.hpp"
#include "unity/db/schema.hpp"

namespace unity::db {
namespace {

// Beyond this, what the server reckons must do in place of a count.
constexpr std::int64_t kCountBytesMax = std::int64_t{64} << 20;
// Have rows only because sources have, or of what was in none.
constexpr std::string_view kFollowing[] = {"devices",          "metric_series",    "metric_frames",
                                           "metric_rollup_1h", "metric_rollup_1d", "rollup_dirty",
                                           "retention_state"};
constexpr auto kDay = std::chrono::hours(24);
constexpr auto kWeek = 7 * kDay;

using Kind = ReportColumn::Kind;
using Rows = std::vector<json::Array>;

std::string types_of(const std::vector<ReportColumn>& columns) {
  std::string types;
  for (const auto& column : columns) {
    types += column.kind == Kind::text ? 't' : column.kind == Kind::real ? 'r' : 'i';
  }
  return types;
}

std::string text_in(const json::Value& value) {
  return value.string() != nullptr ? *value.string() : std::string();
}

// A name of somebody else's may have any character.
std::string quoted(const AskSession& session, std::string_view name) {
  const auto quote = session.questions().quote;
  std::string text(1, quote);
  for (const char c : name) {
    if (c == quote) text += c;
    text += c;
  }
  return text + quote;
}

class Reporter {
 public:
  Reporter(AskSession& session, Time now, std::size_t top)
      : session_(session), now_(now), top_(top) {}

  Result<DatabaseReport> run() {
    for (const auto add : {&Reporter::tables, &Reporter::plugins, &Reporter::sources,
                           &Reporter::collection, &Reporter::services, &Reporter::configuration}) {
      if (auto done = (this->*add)(); !done) return std::move(done).error();
    }
    const auto& questions = session_.questions();
    known({"indexes",
           "use of indexes",
           {{"table"}, {"index"}, {"bytes", Kind::bytes}, {"uses", Kind::integer}}},
          questions.indexes, questions.indexes_note);
    known({"statements",
           "statements that took most of the server's time",
           {{"statement"},
            {"calls", Kind::integer},
            {"mean_ms", Kind::real},
            {"total_ms", Kind::real}}},
          questions.statements, questions.statements_note);
    return std::move(report_);
  }

 private:
  Result<void> tables() {
    ReportSection section{"tables",
                          "what takes room",
                          {{"table"},
                           {"rows", Kind::integer},
                           {"bytes", Kind::bytes},
                           {"index_bytes", Kind::bytes},
                           {"partitions", Kind::integer}}};
    auto rows = session_.ask(std::string(session_.questions().tables), types_of(section.columns));
    if (!rows) return std::move(rows).error();
    bool is_estimated = false;
    std::string failure;  // the last one is enough
    for (auto& row : *rows) {
      if (!row[1].is_null() && row[2].integer() > kCountBytesMax) {
        is_estimated = true;
        continue;
      }
      const auto name = text_in(row[0]);
      auto count = session_.ask("SELECT count(*) FROM " + quoted(session_, name), "i");
      if (!count) failure = fmt::format("{} cannot be counted: {}", name, count.error().message);
      row[1] = count ? count->front().front() : json::Value();
    }
    if (is_estimated) section.note = "rows of tables beyond 64 MB are an estimate";
    if (!failure.empty()) section.note += (section.note.empty() ? "" : "; ") + failure;
    section.rows = std::move(*rows);
    report_.sections.push_back(std::move(section));
    return {};
  }

  Result<void> plugins() {
    return add({"plugins",
                "what plugins have stored",
                {{"plugin"},
                 {"sources", Kind::integer},
                 {"series", Kind::integer},
                 {"newest", Kind::time}}},
               "SELECT plugin_id, count(*), CAST(sum(series) AS {integer}), {newest} FROM "
               "(SELECT s.plugin_id, (SELECT count(*) FROM metric_series m "
               "WHERE m.source_id = s.source_id) AS series, (SELECT max(f.time) "
               "FROM metric_frames f WHERE f.source_id = s.source_id) AS newest "
               "FROM metric_sources s) each_source GROUP BY plugin_id ORDER BY 2 DESC, 1");
  }

  Result<void> sources() {
    return add({"sources",
                "the sources with most series",
                {{"device"}, {"plugin"}, {"instance"}, {"tags"}, {"series", Kind::integer}}},
               "SELECT d.hostname, s.plugin_id, s.instance, CAST(s.tags AS {text}), "
               "(SELECT count(*) FROM metric_series m WHERE m.source_id = s.source_id) AS many "
               "FROM metric_sources s JOIN devices d ON d.device_id = s.device_id "
               "ORDER BY many DESC, d.hostname, s.plugin_id, s.instance LIMIT {top}");
  }

  Result<void> collection() {
    return add({"collection",
                "runs of collectors in the last day, the slowest first",
                {{"collector"},
                 {"runs", Kind::integer},
                 {"failed", Kind::integer},
                 {"mean_ms", Kind::real},
                 {"records", Kind::integer}}},
               "SELECT coalesce(collection_source, '-'), CAST(sum(operations) AS {integer}), "
               "CAST(sum(CASE WHEN status IN ('success', 'partial') THEN 0 ELSE operations END) "
               "AS {integer}), CAST(sum(duration_ms) AS {real}) / sum(operations) AS mean_ms, "
               "CAST(coalesce(sum(records_created), 0) AS {integer}) FROM data_collection_audit "
               "WHERE time >= {day_ago} GROUP BY coalesce(collection_source, '-') "
               "ORDER BY 4 DESC, 1 LIMIT {top}");
  }

  Result<void> services() {
    return add({"services",
                "parts of hosts in the last day, the slowest first",
                {{"host"},
                 {"service"},
                 {"operations", Kind::integer},
                 {"failed", Kind::integer},
                 {"mean_ms", Kind::real},
                 {"max_ms", Kind::integer}}},
               "SELECT instance_id, service_name, CAST(sum(operations_total) AS {integer}), "
               "CAST(sum(operations_failed) AS {integer}), CAST(sum(avg_duration_ms * "
               "operations_total) / nullif(sum(CASE WHEN avg_duration_ms IS NULL THEN 0 "
               "ELSE operations_total END), 0) AS {real}), CAST(max(max_duration_ms) "
               "AS {integer}) FROM service_performance_metrics WHERE time >= {day_ago} "
               "GROUP BY instance_id, service_name ORDER BY 5 DESC, 1, 2 LIMIT {top}");
  }

  Result<void> configuration() {
    return add({"configuration",
                "changes of configurations in the last week",
                {{"type"}, {"change"}, {"risk"}, {"changes", Kind::integer}}},
               "SELECT config_type, change_type, risk_level, count(*) "
               "FROM configuration_change_events WHERE time >= {week_ago} "
               "GROUP BY config_type, change_type, risk_level ORDER BY 4 DESC, 1, 2, 3");
  }

  // A section whose question every database understands, once its own words are in it.
  Result<void> add(ReportSection section, std::string_view sql) {
    const auto& questions = session_.questions();
    const auto ago = [&](Duration time) {
      const auto micros =
          std::chrono::floor<std::chrono::microseconds>((now_ - time).time_since_epoch());
      return fmt::format(fmt::runtime(questions.from_micros), micros.count());
    };
    fmt::dynamic_format_arg_store<fmt::format_context> words;
    words.push_back(fmt::arg("integer", questions.integer));
    words.push_back(fmt::arg("real", questions.real));
    words.push_back(fmt::arg("text", questions.text));
    const auto newest = fmt::format(fmt::runtime(questions.to_micros), "max(newest)");
    const auto day_ago = ago(kDay);
    const auto week_ago = ago(kWeek);
    words.push_back(fmt::arg("newest", newest));
    words.push_back(fmt::arg("day_ago", day_ago));
    words.push_back(fmt::arg("week_ago", week_ago));
    words.push_back(fmt::arg("top", top_));
    auto rows = session_.ask(fmt::vformat(sql, words), types_of(section.columns));
    if (!rows) return std::move(rows).error();
    section.rows = std::move(*rows);
    report_.sections.push_back(std::move(section));
    return {};
  }

  // A section that only some servers know, and not every role may see.
  void known(ReportSection section, std::string_view sql, std::string_view note) {
    section.note = note;
    if (!sql.empty()) {
      auto rows = session_.ask(fmt::format("{} LIMIT {}", sql, top_), types_of(section.columns));
      if (!rows) {
        // The note says what is to be done where it is refused; anything else is news.
        if (rows.error().code != Errc::refused) section.note = rows.error().message;
      } else {
        section.rows = std::move(*rows);
        if (!section.rows.empty()) section.note.clear();
      }
    }
    report_.sections.push_back(std::move(section));
  }

  AskSession& session_;
  const Time now_;
  const std::size_t top_;
  DatabaseReport report_;
};

}  // namespace

Result<ServerFacts> read_server(const DatabaseConfig& config) {
  auto session = open_ask_session(config);
  if (!session) return std::move(session).error();
  ServerFacts facts;
  facts.place = place_of(config);
  if (*session == nullptr) return facts;
  auto answer = (*session)->ask(std::string((*session)->questions().server), "tti");
  if (!answer) return std::move(answer).error();
  const auto& row = answer->front();
  facts.product = text_in(row[0]);
  facts.version = text_in(row[1]);
  facts.bytes = row[2].integer();
  const auto extensions = (*session)->questions().extensions;
  if (extensions.empty()) return facts;
  auto found = (*session)->ask(std::string(extensions), "tt");
  if (!found) return std::move(found).error();
  for (const auto& one : *found) {
    facts.extensions.push_back({text_in(one[0]), text_in(one[1])});
  }
  return facts;
}

Result<std::vector<std::string>> tables_with_data(const DatabaseConfig& config,
                                                  std::string_view ignored_plugin) {
  auto session = open_ask_session(config);
  if (!session) return std::move(session).error();
  std::vector<std::string> names;
  if (*session == nullptr) return names;
  const auto state = schema_state(config);
  if (!state) return state.error();
  for (const auto& [table, time_column] : transfer::transfer_tables(state->current)) {
    if (std::find(std::begin(kFollowing), std::end(kFollowing), table.name) !=
        std::end(kFollowing)) {
      continue;
    }
    auto sql = "SELECT 1 FROM " + quoted(**session, table.name);
    if (table.find("plugin_id") != nullptr) {
      sql += fmt::format(" WHERE plugin_id IS NULL OR plugin_id <> '{}'", ignored_plugin);
    }
    auto rows = (*session)->ask(sql + " LIMIT 1", "i");
    if (!rows) return std::move(rows).error();
    if (!rows->empty()) names.push_back(table.name);
  }
  return names;
}

Result<DatabaseReport> read_report(const DatabaseConfig& config, std::size_t top) {
  auto session = open_ask_session(config);
  if (!session) return std::move(session).error();
  if (*session == nullptr) return DatabaseReport();
  return Reporter(**session, now(), top).run();
}

}  // namespace unity::db
