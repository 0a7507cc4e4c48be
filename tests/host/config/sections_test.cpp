#include "config/sections.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config_folder.hpp"

namespace unity::host {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

TEST(CollectionSection, ReadsNumbersAsSecondsAndTextWithItsUnit) {
  const auto collection = config_of(
                              "collection: {default_interval: 0.5, batch_timeout: 250ms, "
                              "retry_delay: '10', collection_timeout: 1m, jitter: 100ms}")
                              .collection;

  EXPECT_EQ(collection.default_interval, 500ms);
  EXPECT_EQ(collection.batch_timeout, 250ms);
  EXPECT_EQ(collection.retry_delay, 10s);
  EXPECT_EQ(collection.collection_timeout, 1min);
  EXPECT_EQ(collection.jitter, 100ms);
}

TEST(CollectionSection, RefusesWhatIsOutOfRange) {
  for (const auto* text :
       {"batch_size: 0",         "batch_size: 100001",   "batch_size: 1.5",
        "batch_size: '5'",       "batch_size: 0x10",     "batch_size: 99999999999999999999",
        "max_concurrent: 0",     "max_concurrent: 1025", "max_per_target: 0",
        "pause_after: -1",       "stretch_max: 0",       "on_overrun: queue",
        "on_start_error: panic", "run_metrics: 1",       "retry_count: -1",
        "retry_count: 101",      "retry_backoff: 0.9",   "retry_backoff: 11",
        "retry_backoff: nan",    "batch_timeout: -1",    "batch_timeout: 2d",
        "default_interval: 9ms", "default_interval: 2y", "default_interval: -1",
        "default_interval: [1]", "default_interval:",    "jitter: 60"}) {
    EXPECT_THAT(lines_of(std::string("collection: {") + text + "}"), SizeIs(1)) << text;
  }
}

TEST(CollectionSection, SaysWhatTookThePlaceOfTheMemoryBuffer) {
  EXPECT_THAT(lines_of("collection: {buffer_records: 10}"),
              ElementsAre("unity.yaml:1:14: error: `buffer_records` is gone: records wait in the "
                          "spool on disk, no longer in memory; remove the key, and set "
                          "`spool.max_bytes` if the spool's bound does not suit"));
  EXPECT_THAT(lines_of("collection: {zzz: 10}"),
              ElementsAre(testing::Not(HasSubstr("buffer_records"))));
}

TEST(CollectorSection, TakesLimitsThatItDoesNotNameFromTheCollection) {
  const auto config = config_of(
      "collection: {limits: {memory: 64MiB, cpu: 10m}}\n"
      "collectors:\n"
      "  - {id: a, plugin: p, limits: {files: 32, memory: 1GiB}}\n"
      "  - {id: b, plugin: p, limits: {processes: 2}}\n");

  const auto& [a, b] = std::tie(config.collectors[0].limits, config.collectors[1].limits);
  EXPECT_EQ(a, (WorkerLimits{std::uint64_t{1} << 30, 32, 10min, 64}));
  EXPECT_EQ(b, (WorkerLimits{std::uint64_t{64} << 20, 256, 10min, 2}));
  for (const auto* text : {"memory: 1MiB", "memory: 2TiB", "files: 1", "cpu: -1", "cpu: 2y",
                           "processes: 0", "threads: 1"}) {
    EXPECT_THAT(lines_of(std::string("collection: {limits: {") + text + "}}"), SizeIs(1)) << text;
  }
}

TEST(CollectorSection, ReadsPermissionsAndPointsAtEachMistake) {
  const auto config = config_of(
      "collectors:\n"
      "  - {id: a, plugin: p, permissions: {network: [], files: ['/srv:rw'], state: 1kB}}\n"
      "  - {id: b, plugin: p}\n");

  const auto& permissions = config.collectors[0].permissions;
  ASSERT_TRUE(permissions.network);
  EXPECT_TRUE(permissions.network->none());
  EXPECT_THAT(*permissions.files, ElementsAre(FilePermission{"/srv", true, true, false}));
  EXPECT_EQ(permissions.state, 1000u);
  EXPECT_FALSE(permissions.spawn);
  EXPECT_TRUE(config.collectors[1].permissions.empty());

  EXPECT_THAT(lines_of("collectors:\n"
                       "  - id: a\n"
                       "    plugin: p\n"
                       "    permissions:\n"
                       "      files: ['/ok:r', srv:r]\n"
                       "      network: ['tcp:nas:80']\n"
                       "      spwan: true\n"),
              ElementsAre(HasSubstr("5:24: error: `permissions/files/1` the path of \"srv:r\""),
                          HasSubstr("6:17: error: `permissions/network/0` \"tcp:nas:80\" names a "
                                    "host"),
                          HasSubstr("7:7: error: `permissions/spwan` unknown permission \"spwan\"; "
                                    "did you mean \"spawn\"?")));
}

TEST(HttpSection, AcceptsLoopbackAddressesOnly) {
  EXPECT_EQ(config_of("http: {listen: '[::1]:80'}").http.address, "::1");
  EXPECT_EQ(config_of("http: {listen: 'localhost:0'}").http.address, "127.0.0.1");
  EXPECT_EQ(config_of("http: {listen: 127.9.0.1:9000}").http.port, 9000);
  for (const auto* listen : {"0.0.0.0:80", "192.168.1.2:80", "[::]:80", "[fe80::1]:80"}) {
    EXPECT_THAT(lines_of(std::string("http: {listen: '") + listen + "'}"),
                ElementsAre(HasSubstr("needs a token")))
        << listen;
  }
  for (const auto* listen : {"8787", ":8787", "::1:80", "[::1]", "127.0.0.1:", "127.0.0.1:65536",
                             "127.0.0.1:-1", "nas:80", "[127.0.0.1]:80", "127.0.0.1:80x"}) {
    EXPECT_THAT(lines_of(std::string("http: {listen: '") + listen + "'}"),
                ElementsAre(HasSubstr("must be an address and a port")))
        << listen;
  }
}

TEST(HttpSection, CanBeSwitchedOffByEitherKey) {
  EXPECT_FALSE(config_of("http: {listen: ''}").http.enabled);
  EXPECT_FALSE(config_of("http: {enabled: false}").http.enabled);
  EXPECT_FALSE(config_of("http: {listen: '', enabled: true}").http.enabled);
  EXPECT_TRUE(config_of("http: {metrics_values: true}").http.metrics_values);
}

TEST(DatabaseSection, KnowsTheTypesAndTheirOtherNames) {
  const auto type = [](const std::string& name) {
    return config_of("database: {type: " + name + "}").storages.front().database.type;
  };
  EXPECT_EQ(type("mysql"), "mariadb");
  EXPECT_EQ(type("mariadb"), "mariadb");
  EXPECT_EQ(type("postgres"), "postgresql");
  EXPECT_THAT(lines_of("database: {type: memory}"),
              ElementsAre(HasSubstr(
                  "unknown database type 'memory'; the types are mariadb, postgresql, sqlite")));
}

TEST(DatabaseSection, WarnsOfKeysThatSqliteDoesNotUse) {
  EXPECT_THAT(lines_of("database: {host: nas, port: 1}"),
              ElementsAre("unity.yaml:1:12: warning: `host` has no effect with sqlite",
                          "unity.yaml:1:23: warning: `port` has no effect with sqlite"));
}

TEST(DatabaseSection, ReadsWhatAServerNeeds) {
  const auto database = config_of(R"(
database:
  {type: postgres, host: nas, port: 5433, database: metrics, username: me, password: "${P}",
   sslmode: verify-full, connect_timeout: 2s, statement_timeout: 1m, pool_size: 3,
   max_overflow: 0, pool_timeout: 1s, pool_recycle: 30m, pre_ping: true, max_waiters: 7,
   leak_warn_after: 5s}
)",
                                  {{"P", "hunter2"}})
                            .storages.front()
                            .database;

  EXPECT_EQ(database.type, "postgresql");
  const auto& server = database.server;
  EXPECT_EQ(server.host, "nas");
  EXPECT_EQ(server.port, 5433);
  EXPECT_EQ(server.database, "metrics");
  EXPECT_EQ(server.username, "me");
  EXPECT_EQ(server.password, "hunter2");
  EXPECT_EQ(server.sslmode, "verify-full");
  EXPECT_EQ(server.connect_timeout, 2s);
  EXPECT_EQ(server.statement_timeout, 60s);
  EXPECT_EQ(server.pool.pool_size, 3u);
  EXPECT_EQ(server.pool.max_overflow, 0u);
  EXPECT_EQ(server.pool.pool_timeout, 1s);
  EXPECT_EQ(server.pool.pool_recycle, 1800s);
  EXPECT_EQ(server.pool.pre_ping, db::PrePing::always);
  EXPECT_EQ(server.pool.max_waiters, 7u);
  EXPECT_EQ(server.pool.leak_warn_after, 5s);
  EXPECT_EQ(db::place_of(database), "metrics on nas:5433");
}

TEST(DatabaseSection, HasTheDefaultsOfTheDocuments) {
  const auto server = config_of("database: {type: postgresql}").storages.front().database.server;

  EXPECT_EQ(server.host, "localhost");
  EXPECT_EQ(server.database, "unity");
  EXPECT_EQ(server.pool.pool_size, 10u);
  EXPECT_EQ(server.pool.max_overflow, 20u);
  EXPECT_EQ(server.pool.pool_timeout, 30s);
  EXPECT_EQ(server.pool.pool_recycle, 3600s);
}

TEST(DatabaseSection, ReadsAPasswordFromItsFile) {
  const ConfigFolder folder;
  folder.write("secret", "hunter2\n");
  const auto outcome = folder.load("database: {type: postgresql, password_file: secret}");
  ASSERT_TRUE(outcome.config);
  EXPECT_EQ(outcome.config->storages.front().database.server.password, "hunter2");
  EXPECT_THAT(lines_of("database: {type: postgresql, password_file: /nowhere}"),
              ElementsAre(HasSubstr("unity.yaml:1:45: error: the password file /nowhere")));
  EXPECT_THAT(lines_of("database: {type: postgresql, password: a, password_file: /dev/null}"),
              ElementsAre(HasSubstr("say the same thing")));
}

TEST(DatabaseSection, NamesTheAuthoritiesToTrust) {
  const ConfigFolder folder;
  folder.write("ca.pem", "a certificate");
  const auto outcome =
      folder.load("database: {type: mariadb, sslmode: verify-full, sslrootcert: ca.pem}");
  ASSERT_TRUE(outcome.config);
  const auto& server = outcome.config->storages.front().database.server;
  EXPECT_EQ(server.sslrootcert, (folder.path() / "ca.pem").string());
  EXPECT_THAT(lines_of("database: {type: mariadb, sslrootcert: /dev/null}"),
              ElementsAre(HasSubstr("needs the sslmode verify-ca or verify-full")));
  EXPECT_THAT(lines_of("database: {type: postgresql, sslmode: verify-ca, sslrootcert: /nowhere}"),
              ElementsAre(HasSubstr("the certificates in /nowhere cannot be read: No such file")));
  EXPECT_THAT(
      lines_of("database: {url: 'postgresql://nas/d?sslmode=verify-ca', sslrootcert: /dev/null}"),
      ElementsAre(HasSubstr("`sslrootcert` is said by `url` already")));
}

TEST(DatabaseSection, TakesAUrlInsteadOfItsParts) {
  const auto database = config_of("database: {url: 'postgresql://me@nas/metrics', pool_size: 3}")
                            .storages.front()
                            .database;
  EXPECT_EQ(database.server.username, "me");
  EXPECT_EQ(database.server.pool.pool_size, 3u);
  EXPECT_THAT(lines_of("database: {url: 'postgresql://nas/metrics', host: nas}"),
              ElementsAre("unity.yaml:1:45: error: `host` is said by `url` already"));
}

TEST(DatabaseSection, ShowsNoPasswordOfABadUrl) {
  const ConfigFolder folder;
  const auto outcome = folder.load("database: {url: 'oracle://me:hunter2@nas/metrics'}");
  ASSERT_EQ(outcome.diagnostics.size(), 1u);
  const auto& found = outcome.diagnostics.front();
  EXPECT_THAT(outcome.sources.excerpt(found.location) + found.message,
              testing::Not(HasSubstr("hunter2")));
}

TEST(DatabaseSection, WarnsOfAPathBesideAServer) {
  EXPECT_THAT(lines_of("database: {type: postgresql, path: /a}"),
              ElementsAre("unity.yaml:1:30: warning: `path` has no effect with postgresql"));
  EXPECT_THAT(lines_of("database: {type: mysql, path: /a}"),
              ElementsAre("unity.yaml:1:25: warning: `path` has no effect with mariadb"));
}

TEST(Collectors, TakeFromTheCollectionSectionWhatTheyLeaveOut) {
  const auto config = config_of(R"(
collectors:
  - {id: a, plugin: p}
  - {id: b, plugin: p, timeout: 2s, retry_count: 0, retry_delay: 0, retry_backoff: 1.5, jitter: 0,
     align: true, enabled: false, device: nas, collector: disks}
collection: {collection_timeout: 7, retry_count: 9, retry_delay: 8, retry_backoff: 3, jitter: 2}
)");

  ASSERT_THAT(config.collectors, SizeIs(2));
  const auto& a = config.collectors[0];
  EXPECT_EQ(a.timeout, 7s);
  EXPECT_EQ(a.retry_count, 9);
  EXPECT_EQ(a.retry_delay, 8s);
  EXPECT_EQ(a.retry_backoff, 3);
  EXPECT_EQ(a.jitter, 2s);
  EXPECT_EQ(a.interval, std::nullopt);
  EXPECT_EQ(a.isolation, "");
  EXPECT_TRUE(a.enabled);
  const auto& b = config.collectors[1];
  EXPECT_EQ(b.timeout, 2s);
  EXPECT_EQ(b.retry_count, 0);
  EXPECT_EQ(b.jitter, 0s);
  EXPECT_TRUE(b.align);
  EXPECT_FALSE(b.enabled);
  EXPECT_EQ(b.device, "nas");
  EXPECT_EQ(b.collector, "disks");
}

TEST(Collectors, NeedAnIdAndAPlugin) {
  EXPECT_THAT(
      lines_of("collectors:\n  - interval: 1s\n  - id: x\n  - plugin: p\n  - 7\n"),
      ElementsAre("unity.yaml:2:5: error: this collector needs the key `id`",
                  "unity.yaml:2:5: error: this collector needs the key `plugin`",
                  "unity.yaml:3:5: error: collector `x` needs the key `plugin`",
                  "unity.yaml:4:5: error: this collector needs the key `id`",
                  "unity.yaml:5:5: error: each entry of `collectors` must be a mapping with "
                  "`id` and `plugin`"));
  EXPECT_THAT(lines_of("collectors: {sys: {}}"), ElementsAre(HasSubstr("must be a list")));
}

TEST(Collectors, HaveIdsThatAreFitForUse) {
  EXPECT_EQ(config_of("collectors: [{id: 7.A_b-c, plugin: p}]").collectors[0].id, "7.A_b-c");
  for (const auto& id : {std::string("a b"), std::string("ä"), std::string("a/b"), std::string(),
                         std::string(101, 'x')}) {
    EXPECT_THAT(lines_of("collectors: [{plugin: p, id: \"" + id + "\"}]"),
                ElementsAre(HasSubstr("`id` must be 1 to 100 letters")))
        << id;
  }
}

TEST(Collectors, HaveLessJitterThanInterval) {
  EXPECT_THAT(
      lines_of("collectors: [{id: a, plugin: p, interval: 1s, jitter: 1s}]"),
      ElementsAre("unity.yaml:1:55: error: `jitter` (1s) must be less than `interval` (1s)"));
  EXPECT_THAT(lines_of("collection: {jitter: 5}\ncollectors: [{id: a, plugin: p, interval: 1s}]"),
              ElementsAre("unity.yaml:2:43: error: `jitter` (5s from `collection`) must be less "
                          "than `interval` (1s)"));
}

TEST(Collectors, RunWhereTheyAreToldTo) {
  for (const std::string where : {"inline", "pooled", "dedicated"}) {
    const auto config = config_of("collectors: [{id: a, plugin: p, isolation: " + where + "}]");
    EXPECT_EQ(config.collectors.at(0).isolation, where);
  }
}

TEST(Tags, AreTextHoweverTheyAreWritten) {
  const auto config = config_of(
      "tags: {rack: 07, spare: true, site: 'home', note: ''}\n"
      "collectors: [{id: a, plugin: p, tags: {rack: 8}}]\n");

  EXPECT_EQ(config.tags, (Tags{{"note", ""}, {"rack", "07"}, {"site", "home"}, {"spare", "true"}}));
  EXPECT_EQ(config.collectors[0].tags, (Tags{{"rack", "8"}}));
  EXPECT_THAT(lines_of("tags: {a: [1], b: , '': x}"), SizeIs(3));
  EXPECT_THAT(lines_of("tags: prod"), ElementsAre(HasSubstr("must be a mapping")));
}

TEST(TopLevel, ReadsDeviceLogLevelAndPluginFolders) {
  const auto config = config_of("device: nas-1\nlog: {level: debug}\nplugin_dirs: [/a, /b]\n");

  EXPECT_EQ(config.device, "nas-1");
  EXPECT_EQ(config.log_level, "debug");
  EXPECT_THAT(config.plugin_dirs, ElementsAre("/a", "/b"));
  EXPECT_THAT(lines_of("plugin_dirs: /a"), ElementsAre(HasSubstr("must be a list of folders")));
  EXPECT_THAT(lines_of("plugin_dirs: [[], '']"), SizeIs(2));
  EXPECT_THAT(lines_of("log: {level: wran}"), ElementsAre(HasSubstr("did you mean warn?")));
}

}  // namespace
}  // namespace unity::host
