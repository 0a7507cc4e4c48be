// The acceptance of a schema, on every database: many starters, kills, rows that were there before,
// and the tables of the five documents.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <thread>

#include "db/dataset_rows.hpp"
#include "db/records.hpp"
#include "db/schema_conformance.hpp"
#include "migrate/script.hpp"
#include "migrate/writer.hpp"

namespace unity::test {

class SchemaAcceptance : public SchemaConformance {
 protected:
  static db::Dialect dialect_of(const db::DatabaseConfig& config) {
    auto session = db::look_at_schema(config);
    EXPECT_TRUE(session);
    return (*session)->dialect();
  }
  static std::string quoted(db::Dialect dialect, std::string_view name) {
    return fmt::format("{0}{1}{0}", dialect == db::Dialect::mariadb ? '`' : '"', name);
  }
  // As an SQL constant, of 16 or 32 bytes that are all the same.
  static std::string bytes(db::Dialect dialect, std::size_t length, std::string_view hex = "01") {
    std::string all;
    for (std::size_t i = 0; i < length; ++i) all += hex;
    if (dialect == db::Dialect::postgresql && length == 16) return fmt::format("'{}'", all);
    return db::writer_for(dialect).bytes_literal(all);
  }
  // Some value that the column may have. Numbers are 1, so that references fit.
  static std::string sample(const db::schema::Column& column, db::Dialect dialect,
                            SchemaFixture& fixture) {
    switch (column.type) {
      case db::Type::uuid:
        return bytes(dialect, 16);
      case db::Type::hash:
      case db::Type::bin:
        return bytes(dialect, 32);
      case db::Type::time:
        return fixture.time_literal(1);
      case db::Type::f64:
        return "0.5";
      case db::Type::boolean:
        return "TRUE";
      case db::Type::json:
        return "'{}'";
      case db::Type::numbers:
        return dialect == db::Dialect::postgresql ? "'{0.5,NULL}'" : "'[0.5,null]'";
      case db::Type::str:
      case db::Type::text:
        return column.default_value.empty() ? "'x'" : column.default_value;
      default:
        return "1";
    }
  }
  // A partition for the first year of all, where they do not make themselves.
  static void make_room(SchemaFixture& fixture, const db::schema::Table& table,
                        db::Dialect dialect) {
    if (dialect != db::Dialect::postgresql || table.partition_by.empty()) return;
    fixture.rows(
        fmt::format("CREATE TABLE {0}_p1970 PARTITION OF {0} FOR VALUES FROM "
                    "('1970-01-01') TO ('1971-01-01')",
                    table.name));
  }
  static std::string names_of(const db::schema::Table& table, db::Dialect dialect) {
    std::string names;
    for (const auto& column : table.columns) {
      names += (names.empty() ? "" : ", ") + quoted(dialect, column.name);
    }
    return names;
  }
  static void insert(SchemaFixture& fixture, const db::schema::Table& table, db::Dialect dialect) {
    make_room(fixture, table, dialect);
    std::string values;
    for (const auto& column : table.columns) {
      values += (values.empty() ? "" : ", ") + sample(column, dialect, fixture);
    }
    fixture.rows(fmt::format("INSERT INTO {} ({}) VALUES ({})", table.name,
                             names_of(table, dialect), values));
  }
};

TEST_P(SchemaAcceptance, EightProcessesThatStartAtOnceApplyEachMigrationOnce) {
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(db::upgrade_schema(config_, "1.2.3") ? 0 : 1);
    children.push_back(child);
  }
  for (const auto child : children) {
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  EXPECT_EQ(value("SELECT count(*) FROM schema_migrations"), std::to_string(db::schema_head()));
  EXPECT_EQ(drift(), "");
  EXPECT_TRUE(db::verify_schema(config_)->is_good());
}

TEST_P(SchemaAcceptance, WhatIsKilledInMidChainAnotherFinishes) {
  bool is_complete = false;
  for (int delay = 1; !is_complete; delay += delay / 3 + 1) {
    const auto child = fork();
    if (child == 0) _exit(db::upgrade_schema(config_, "1.2.3") ? 0 : 1);
    std::this_thread::sleep_for(std::chrono::milliseconds(delay));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    is_complete = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  EXPECT_EQ(drift(), "");
  EXPECT_TRUE(db::verify_schema(config_)->is_good());
  EXPECT_TRUE(db::open_database(config_));
}

TEST_P(SchemaAcceptance, AChangedColumnTypeIsListedForEveryMigrationAndUpgradesAreRefused) {
  upgrade();
  static constexpr db::Column columns[] = {{"x", db::Type::i64}};
  static constexpr db::Op ops[] = {
      db::CreateTable{.name = "other", .columns = columns, .primary_key = "x"}};
  std::vector<db::Migration> changed(db::all_migrations().begin(), db::all_migrations().end());
  for (auto seq : {2u, 5u}) changed[seq - 1].ops = [] { return std::span<const db::Op>(ops); };

  const auto refused = upgrade_with(config_, changed, "1.2.3");

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::refused);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("2 (metrics): the checksum"));
  EXPECT_THAT(refused.error().message, testing::HasSubstr("5 (rollups): the checksum"));
  EXPECT_EQ(drift(), "");
}

TEST_P(SchemaAcceptance, CreateAtHeadIsTheSameAsReplay) {
  upgrade();
  const auto dialect = dialect_of(config_);
  const auto head = db::schema_at(db::all_migrations(), db::schema_head(), dialect);
  const auto fresh = GetParam()();
  {
    auto session = db::open_schema(fresh->config());
    ASSERT_TRUE(session) << session.error().message;
    ASSERT_TRUE((*session)->begin("make"));
    const auto make = [&](const db::schema::Change& change) {
      for (const auto& statement : db::writer_for(dialect).statements(change)) {
        const auto made = (*session)->execute(statement, "make");
        ASSERT_TRUE(made) << made.error().message;
      }
    };
    for (const auto& one : head.tables) make(db::schema::TableChange{std::nullopt, one});
    for (const auto& one : head.indexes) make(db::schema::IndexChange{std::nullopt, one});
    for (const auto& one : head.views) make(db::schema::ViewChange{std::nullopt, one});
    ASSERT_TRUE((*session)->commit("make"));
  }
  auto replayed = db::look_at_schema(config_);
  auto created = db::look_at_schema(fresh->config());
  ASSERT_TRUE(replayed && created);
  std::string differences;
  for (const auto& one : db::schema::compare(*(*created)->inspect(), *(*replayed)->inspect())) {
    differences += db::schema::to_text(one) + "\n";
  }
  EXPECT_EQ(differences, "");
}

TEST_P(SchemaAcceptance, UpgradeOfAPopulatedDatabaseKeepsEveryRow) {
  constexpr int kReleased = 3;  // later migrations are in no release
  for (int seq = 1; seq <= kReleased; ++seq) {
    const auto old = GetParam()();
    const auto config = old->config();
    ASSERT_TRUE(db::upgrade_schema(config, "0.9", seq));
    const auto dialect = dialect_of(config);
    const auto schema = db::schema_at(db::all_migrations(), seq, dialect);
    std::map<std::string, std::vector<std::string>> before;
    for (const auto& table : schema.tables) {
      if (table.name != "schema_migrations") insert(*old, table, dialect);
    }
    const auto content_of = [&](const db::schema::Table& table) {
      const auto only =
          table.name == "schema_migrations" ? fmt::format(" WHERE seq <= {}", seq) : std::string();
      return old->rows(fmt::format("SELECT {} FROM {}{} ORDER BY 1", names_of(table, dialect),
                                   table.name, only));
    };
    for (const auto& table : schema.tables) before[table.name] = content_of(table);

    const auto rest = db::upgrade_schema(config, "1.0");

    ASSERT_TRUE(rest) << rest.error().message;
    for (const auto& table : schema.tables) {
      EXPECT_FALSE(before[table.name].empty()) << table.name;
      EXPECT_EQ(content_of(table), before[table.name]) << table.name << " since " << seq;
    }
  }
}

// How a table of the five documents is served.
struct Served {
  int number;  // in the list of the design
  const char* table;
  enum class As { table, view, dataset, shown } as;
  const char* name;  // ours; of an illustration, what shows its mechanism, or an example of it
};

inline constexpr Served kServed[] = {
    {1, "plugins", Served::As::table, "plugins"},
    {2, "plugin_metrics", Served::As::view, "plugin_metrics"},
    {3, "plugin_status", Served::As::table, "plugin_status"},
    {4, "alerts", Served::As::view, "alerts"},
    {5, "alert_history", Served::As::table, "alert_history"},
    {6, "plugin_metrics_hourly", Served::As::view, "plugin_metrics_hourly"},
    {7, "daily aggregates", Served::As::view, "plugin_metrics_daily"},
    {8, "raw_events", Served::As::table, "raw_events"},
    {9, "metrics_agg", Served::As::table, "metrics_agg"},
    {10, "incidents", Served::As::table, "incidents"},
    {11, "alert_rules", Served::As::table, "alert_rules"},
    {12, "alert_notifications", Served::As::table, "alert_notifications"},
    {13, "alembic_version", Served::As::view, "alembic_version"},
    {14, "connector_profiles", Served::As::table, "connector_profiles"},
    {15, "client_configs", Served::As::table, "client_configs"},
    {16, "service_proposals", Served::As::table, "service_proposals"},
    {17, "market_data", Served::As::dataset, "market_data"},
    {18, "news_articles", Served::As::dataset, "news_articles"},
    {19, "telemetry_events", Served::As::view, "telemetry_events"},
    {20, "object-model tables", Served::As::dataset, "shop_orders"},
    {21, "KPI result tables", Served::As::dataset, "kpi_results"},
    {22, "custom analytics tables", Served::As::dataset, "analytics_results"},
    {23, "sensor_data", Served::As::dataset, "sensor_data"},
    {24, "sensor_data_hourly", Served::As::table, "metric_rollup_1h"},
    {25, "my_table", Served::As::shown, "devices"},
    {26, "entities", Served::As::shown, "plugins"},
    {27, "entity_summary", Served::As::shown, "metric_rollup_1d"},
    {28, "devices", Served::As::table, "devices"},
    {29, "system_metrics", Served::As::dataset, "system_metrics"},
    {30, "container_snapshots", Served::As::dataset, "container_snapshots"},
    {31, "drive_health", Served::As::dataset, "drive_health"},
    {32, "data_collection_audit", Served::As::table, "data_collection_audit"},
    {33, "configuration_snapshots", Served::As::table, "configuration_snapshots"},
    {34, "configuration_change_events", Served::As::table, "configuration_change_events"},
    {35, "service_performance_metrics", Served::As::table, "service_performance_metrics"},
    {36, "cache_metadata", Served::As::table, "cache_metadata"},
    {37, "proxy_config", Served::As::view, "proxy_config"},
};
// Those of them that are datasets, with the columns that the documents give them.
inline constexpr const char* kDeclared[] = {
    R"({"name": "market_data", "identity": ["symbol"], "columns": [
        {"name": "symbol", "type": "str32", "nullable": false},
        {"name": "price", "type": "f64"}, {"name": "volume", "type": "i64"}]})",
    R"({"name": "news_articles", "shape": "event", "columns": [
        {"name": "title", "type": "str512"}, {"name": "url", "type": "text"},
        {"name": "content", "type": "text"}, {"name": "sentiment", "type": "f64"}]})",
    R"({"name": "shop_orders", "identity": ["number"], "columns": [
        {"name": "number", "type": "i64", "nullable": false},
        {"name": "content", "type": "json"}]})",
    R"({"name": "kpi_results", "identity": ["kpi"], "columns": [
        {"name": "kpi", "type": "str64", "nullable": false}, {"name": "result", "type": "f64"}]})",
    R"({"name": "analytics_results", "columns": [{"name": "result", "type": "json"}]})",
    R"({"name": "sensor_data", "identity": ["sensor_id"], "retention": "2y", "columns": [
        {"name": "sensor_id", "type": "i32", "nullable": false},
        {"name": "temperature", "type": "f64"}, {"name": "humidity", "type": "f64"}]})",
    R"({"name": "system_metrics", "columns": [
        {"name": "cpu_usage", "type": "f64"}, {"name": "memory_usage", "type": "f64"},
        {"name": "disk_io", "type": "json"}, {"name": "network_traffic", "type": "json"}]})",
    R"({"name": "container_snapshots", "shape": "snapshot", "identity": ["container_id"],
        "columns": [{"name": "container_id", "type": "str255", "nullable": false},
        {"name": "name", "type": "str255"}, {"name": "image", "type": "str255"},
        {"name": "status", "type": "str50"}, {"name": "cpu_usage", "type": "f64"},
        {"name": "memory_usage_bytes", "type": "i64"}]})",
    R"({"name": "drive_health", "identity": ["drive_name"], "columns": [
        {"name": "drive_name", "type": "str255", "nullable": false},
        {"name": "model", "type": "str255"}, {"name": "serial_number", "type": "str255"},
        {"name": "smart_attributes", "type": "json"},
        {"name": "temperature_celsius", "type": "i32"}, {"name": "power_on_hours", "type": "i32"},
        {"name": "is_healthy", "type": "bool"}]})",
};

TEST_P(SchemaAcceptance, EachOfThe37RowsIsATableAViewOrADataset) {
  upgrade();
  {
    auto database = db::open_database(config_);
    ASSERT_TRUE(database) << database.error().message;
    std::vector<DatasetSpec> specs;
    for (const auto* json : kDeclared) specs.push_back(dataset(json));
    const auto states = (*database)->catalog().declare_datasets(specs);
    ASSERT_TRUE(states) << states.error().message;
    for (const auto& one : *states) EXPECT_EQ(one.state, "applied") << one.name << one.problem;
  }
  auto session = db::look_at_schema(config_);
  ASSERT_TRUE(session);
  const auto found = (*session)->inspect();
  ASSERT_TRUE(found) << found.error().message;
  int number = 0;
  for (const auto& one : kServed) {
    EXPECT_EQ(one.number, ++number);
    if (one.as == Served::As::dataset) {
      EXPECT_TRUE(found->tables.contains(std::string("ds_") + one.name)) << one.table;
    }
    if (one.as == Served::As::view || one.as == Served::As::dataset) {
      EXPECT_TRUE(found->views.contains(one.name)) << one.table;
    } else {
      EXPECT_TRUE(found->tables.contains(one.name)) << one.table;
    }
    fixture_->rows(std::string("SELECT * FROM ") + one.name);
  }
  EXPECT_EQ(number, 37);
}

TEST_P(SchemaAcceptance, QueriesInTheWordsOfTheDocumentsAnswer) {
  upgrade();
  auto database = db::open_database(config_);
  ASSERT_TRUE(database) << database.error().message;
  ASSERT_TRUE((*database)->storage().write(
      std::vector{record("cpu", at_second(3600), {field("usage", 12.5)})}));
  EXPECT_THAT(value("SELECT plugin_id, metric_name, value, tags FROM plugin_metrics "
                    "WHERE metric_name = 'cpu' ORDER BY time DESC"),
              testing::MatchesRegex("disk-plugin\\|cpu\\|\\{\"usage\": ?12.5\\}\\|\\{\\}"));
  EXPECT_NE(value("SELECT time FROM plugin_metrics"), "");
  fixture_->rows("SELECT id, plugin_id, severity FROM alerts WHERE severity = 'high'");
  EXPECT_EQ(value("SELECT version_num FROM alembic_version"), std::to_string(db::schema_head()));
}

TEST_P(SchemaAcceptance, TwoContainersInOneTickAreTwoRows) {
  upgrade();
  auto database = db::open_database(config_);
  ASSERT_TRUE(database) << database.error().message;
  std::vector<Record> records;
  for (const auto* name : {"web", "db"}) {
    records.push_back(record("container_stats", at_second(3600), {field("running", 1.0)},
                             {{Name("container"), name}}));
  }
  const auto rejected = (*database)->storage().write(records);
  ASSERT_TRUE(rejected) << rejected.error().message;
  EXPECT_TRUE(rejected->empty());
  EXPECT_EQ(value("SELECT count(*) FROM plugin_metrics WHERE metric_name = 'container_stats'"),
            "2");
}

TEST_P(SchemaAcceptance, LargeThingsSurviveARoundTrip) {
  upgrade();
  const auto dialect = dialect_of(config_);
  const auto schema = db::schema_at(db::all_migrations(), db::schema_head(), dialect);
  const auto hash = bytes(dialect, 32);
  const auto time = fixture_->time_literal(1);
  for (const auto* name : {"configuration_snapshots", "service_performance_metrics"}) {
    make_room(*fixture_, *schema.find_table(name), dialect);
  }
  value(
      fmt::format("INSERT INTO config_blobs (content_hash, size_bytes, content, first_seen) "
                  "VALUES ({}, 1099511627776, {}, {})",
                  hash, bytes(dialect, 70'000, "61"), time));
  EXPECT_EQ(value("SELECT size_bytes, length(content) FROM config_blobs"), "1099511627776|70000");
  const std::string path(1024, 'p');
  value(
      fmt::format("INSERT INTO configuration_snapshots (id, time, device_id, config_type, "
                  "file_path, path_hash, content_hash, change_type, collection_source) "
                  "VALUES ({}, {}, 1, 'proxy', '{}', {}, {}, 'created', 'file')",
                  bytes(dialect, 16), time, path, hash, hash));
  EXPECT_EQ(value("SELECT file_path FROM configuration_snapshots"), path);
  // A little over 17 minutes, in milliseconds.
  value(
      fmt::format("INSERT INTO service_performance_metrics (instance_id, service_name, time, "
                  "avg_duration_ms, max_duration_ms) VALUES ('h', 's', {}, 123456789.123, "
                  "1020001)",
                  time));
  EXPECT_EQ(value("SELECT avg_duration_ms, max_duration_ms FROM service_performance_metrics"),
            "123456789.123|1020001");
}

TEST_P(SchemaAcceptance, WhatIsInForceOutlivesAllSnapshots) {
  upgrade();
  const auto dialect = dialect_of(config_);
  const auto schema = db::schema_at(db::all_migrations(), db::schema_head(), dialect);
  for (const auto* name :
       {"devices", "config_blobs", "configuration_snapshots", "configuration_current"}) {
    insert(*fixture_, *schema.find_table(name), dialect);
  }
  value("DELETE FROM configuration_snapshots");
  EXPECT_EQ(value("SELECT c.file_path, length(b.content) FROM configuration_current c "
                  "JOIN config_blobs b ON b.content_hash = c.content_hash"),
            "x|32");
}

}  // namespace unity::test
