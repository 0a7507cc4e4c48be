#include "config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config_folder.hpp"

namespace unity::host {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr auto kMinimal = R"(
state_dir: /var/lib/unity
database: { type: sqlite, path: unity.db }
collection: { default_interval: 60, batch_size: 100, batch_timeout: 5, retry_count: 3, retry_delay: 10, retry_backoff: 2, max_concurrent: 10, collection_timeout: 30 }
http: { listen: "127.0.0.1:8787" }
collectors:
  - { id: sys, plugin: unity.system, interval: 1s, tags: { environment: production } }
)";

TEST(LoadConfig, ReadsTheSmallestUsefulFile) {
  const auto config = config_of(kMinimal);

  EXPECT_EQ(config.state_dir, "/var/lib/unity");
  EXPECT_EQ(config.storages[0].database.type, "sqlite");
  EXPECT_EQ(config.storages[0].database.path, "/var/lib/unity/unity.db");
  EXPECT_EQ(config.collection.default_interval, 60s);
  EXPECT_EQ(config.collection.batch_timeout, 5s);
  EXPECT_EQ(config.collection.retry_backoff, 2);
  EXPECT_EQ(config.http.address, "127.0.0.1");
  EXPECT_EQ(config.http.port, 8787);
  ASSERT_THAT(config.collectors, SizeIs(1));
  const auto& sys = config.collectors[0];
  EXPECT_EQ(sys.id, "sys");
  EXPECT_EQ(sys.plugin, "unity.system");
  EXPECT_EQ(sys.interval, 1s);
  EXPECT_EQ(sys.timeout, 30s);
  EXPECT_EQ(sys.tags, (Tags{{"environment", "production"}}));
  EXPECT_TRUE(sys.options.value.is_null());
  EXPECT_EQ(sys.location.line, 7);
  EXPECT_EQ(sys.plugin_location.column, 24);
}

TEST(LoadConfig, GivesEveryDefaultForAnEmptyFile) {
  for (const auto* text : {"", "# nothing\n", "---\n", "collectors:\ndatabase:\nhttp:\n"}) {
    const auto config = config_of(text);

    EXPECT_EQ(config.state_dir, "/var/lib/unity");
    EXPECT_EQ(config.storages[0].database.path, "/var/lib/unity/unity.db");
    EXPECT_EQ(config.collection.max_concurrent, 10);
    EXPECT_TRUE(config.http.enabled);
    EXPECT_EQ(config.log_level, "info");
    EXPECT_THAT(config.collectors, IsEmpty());
  }
}

TEST(LoadConfig, ReportsTenMistakesInOneGoWithLineAndColumn) {
  EXPECT_THAT(
      lines_of(R"(state_dri: /var/lib/unity
database:
  type: sqlit
  path: ""
collection:
  batch_size: 0
  retry_backoff: two
http: { listen: "0.0.0.0:8787" }
collectors:
  - id: sys
    plugin: unity.system
    enabled: yes
    plugin: other
  - { id: sys, plugin: p, interval: 5 parsecs }
log: [debug]
)"),
      ElementsAre(
          "unity.yaml:1:1: error: unknown key `state_dri` in the configuration; did you mean "
          "`state_dir`?",
          "unity.yaml:3:9: error: unknown database type 'sqlit'; did you mean sqlite?",
          "unity.yaml:4:9: error: `path` must not be empty; remove the key for the default",
          "unity.yaml:6:15: error: `batch_size` must be a whole number from 1 to 100000; it is 0",
          "unity.yaml:7:18: error: `retry_backoff` must be a number from 1 to 10; it is two",
          "unity.yaml:8:17: error: `listen` would let other machines in: that needs a token, which "
          "this version cannot check yet; use a loopback address, such as \"127.0.0.1:8787\"",
          "unity.yaml:12:14: error: `enabled` must be true or false; it is yes",
          "unity.yaml:13:5: error: `plugin` appears twice in this mapping, first in line 11; "
          "remove one",
          AllOf(StartsWith("unity.yaml:14:11: error: the id `sys` is already used at /"),
                EndsWith("unity.yaml:10:9; ids are unique")),
          "unity.yaml:14:37: error: `interval` must be a duration from 10ms to 1y, such as 30s, 5m "
          "or a number of seconds; it is 5 parsecs",
          "unity.yaml:15:6: error: `log` must be a mapping (`key: value` lines, indented); it is "
          "a list"));
}

TEST(LoadConfig, ReadsTheDatabaseFileOfTheDocuments) {
  const auto found = lines_of(R"(
database:
  # Type: postgresql, mysql, sqlite
  type: postgresql

  # TimescaleDB (PostgreSQL only)
  timeseries:
    enabled: true
    compression: true
    retention_days: 30

  # Connection
  host: localhost
  port: 5432
  database: unity
  username: unity_user
  password: ${UNITY_DB_PASSWORD}

  # Pool settings
  pool_size: 10
  max_overflow: 20
  pool_timeout: 30

cache:
  # Type: redis, valkey, none
  type: redis
  enabled: true
  host: localhost
  port: 6379
  db: 0
  password: ${UNITY_CACHE_PASSWORD}

  # TTL settings
  ttl:
    latest: 300
    dashboard: 60
    status: 30

collection:
  default_interval: 60
  batch_size: 100
  batch_timeout: 5
  retry_count: 3
  retry_delay: 10
  retry_backoff: 2
  max_concurrent: 10
  collection_timeout: 30

retention:
  raw_metrics: 30d
  hourly_aggregates: 1y
  daily_aggregates: 5y
  alert_history: 90d
)",
                              {{"UNITY_DB_PASSWORD", "hunter2"}, {"UNITY_CACHE_PASSWORD", "42"}});

  EXPECT_THAT(found, ElementsAre("unity.yaml:24:1: warning: `cache` is not yet in effect in this "
                                 "version"));
}

TEST(LoadConfig, ReadsHowTimescaledbIsUsed) {
  EXPECT_THAT(lines_of("database: {type: postgresql, timeseries: {enabled: auto, compression: "
                       "false, compress_after: 14d}}\n"),
              ElementsAre());
  EXPECT_THAT(lines_of("database: {type: postgresql, timeseries: {retention_days: 90}}\n"),
              ElementsAre(HasSubstr("1:59: error: `retention_days` is 90 and "
                                    "`retention.raw_metrics`, which is what counts, is 30d")));
  EXPECT_THAT(lines_of("database: {type: sqlite, timeseries: {enabled: true}}\n"),
              ElementsAre(HasSubstr("warning: `timeseries` has no effect with sqlite")));
}

TEST(LoadConfig, ChecksTheSectionsThatAreNotYetInEffect) {
  EXPECT_THAT(lines_of("cache: {type: redi, ttl: {latets: 1}}\n"),
              ElementsAre(HasSubstr("1:1: warning: `cache`"),
                          HasSubstr("1:15: error: `type` must be one of memory, redis, valkey, "
                                    "none (did you mean redis?)"),
                          HasSubstr("1:27: error: unknown key `latets` in `ttl`; did you mean "
                                    "`latest`?")));
}

TEST(LoadConfig, KeepsThingsForAsLongAsTheDocumentsSayUnlessToldOtherwise) {
  const ConfigFolder folder;
  const auto outcome = folder.load(
      "retention:\n  raw_metrics: {time: 40d, size: 2GiB}\n  daily_aggregates: forever\n"
      "  audit: {size: 1MiB}\n  late_window: 3d\n");
  ASSERT_TRUE(outcome.config);
  const auto& keep = outcome.config->retention.keep;
  using std::chrono::days;
  EXPECT_EQ(keep.raw_metrics, (db::Keep{days(40), std::uint64_t{2} << 30}));
  EXPECT_EQ(keep.hourly_aggregates, (db::Keep{days(365), {}}));
  EXPECT_EQ(keep.daily_aggregates, db::Keep());
  EXPECT_EQ(keep.alert_history, (db::Keep{days(90), {}}));
  EXPECT_EQ(keep.audit, (db::Keep{days(90), std::uint64_t{1} << 20}));
  EXPECT_EQ(keep.events, (db::Keep{days(14), {}}));
  EXPECT_EQ(outcome.config->retention.late_window, days(3));
}

TEST(LoadConfig, WhatComesLateMustFindItsDay) {
  EXPECT_THAT(
      lines_of("retention: {raw_metrics: 10d, late_window: 228h}\n"),
      ElementsAre(HasSubstr("1:26: error: `raw_metrics` (10d) must be at least a day longer than "
                            "`late_window` (228h): what comes late must find its day")));
  EXPECT_THAT(
      lines_of("retention: {late_window: 30d, hourly_aggregates: 2y}\n"),
      ElementsAre(HasSubstr("1:26: error: `raw_metrics` (30d) must be at least a day longer "
                            "than `late_window` (30d)")));
  EXPECT_THAT(lines_of("retention: {raw_metrics: 10d, late_window: 9d}\n"), ElementsAre());
  EXPECT_THAT(lines_of("retention: {raw_metrics: soon, events: 1h}\n"),
              ElementsAre(HasSubstr("1:26: error: `raw_metrics` must be a duration"),
                          HasSubstr("1:40: error: `events`")));
}

TEST(LoadConfig, ResolvesRelativePathsAgainstTheFolderOfTheMainFile) {
  const ConfigFolder folder;
  folder.write("conf.d/10-plugins.yaml", "plugin_dirs: [plugins, /opt/plugins]\n");

  const auto outcome = folder.load("state_dir: state\ndatabase: {path: data/u.db}\n");

  ASSERT_TRUE(outcome.config);
  EXPECT_EQ(outcome.config->state_dir, folder.path() / "state");
  EXPECT_EQ(outcome.config->storages[0].database.path, folder.path() / "state/data/u.db");
  EXPECT_THAT(outcome.config->plugin_dirs, ElementsAre(folder.path() / "plugins", "/opt/plugins"));
}

TEST(LoadConfig, SaysWhyAFileCannotBeRead) {
  const ConfigFolder folder;

  EXPECT_THAT(lines(load_config(folder.path() / "missing.yaml", {})),
              ElementsAre("missing.yaml: error: the configuration cannot be read: No such file or "
                          "directory"));
  EXPECT_THAT(lines(load_config(folder.path(), {})), ElementsAre(HasSubstr("it is a folder")));
  EXPECT_THAT(lines(load_config("/dev/zero", {})), ElementsAre(HasSubstr("is too big")));
}

TEST(LoadConfig, KnowsTheStateFolderAlsoOfAFileWithOtherMistakes) {
  const ConfigFolder folder;

  EXPECT_EQ(folder.load("state_dir: /s\nlog: 7\n").state_dir, "/s");
  EXPECT_EQ(folder.load("").state_dir, "/var/lib/unity");
  EXPECT_EQ(folder.load("log: 7\n").state_dir, std::nullopt);
  EXPECT_EQ(folder.load("state_dir: /s\nlog: [\n").state_dir, std::nullopt);
}

TEST(LoadConfig, RefusesARootThatIsNoMapping) {
  EXPECT_THAT(lines_of("- a\n- b\n"),
              ElementsAre("unity.yaml:1:1: error: the configuration must be a mapping: `key: "
                          "value` lines"));
}

}  // namespace
}  // namespace unity::host
