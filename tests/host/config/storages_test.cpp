#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config_folder.hpp"

namespace unity::host {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

TEST(Storages, HaveTheDatabaseSectionAsTheirFormForOne) {
  const auto config = config_of(
      "state_dir: /s\ndatabase: {path: a.db}\n"
      "collection: {batch_size: 7, batch_timeout: 10ms}\n");

  ASSERT_THAT(config.storages, SizeIs(1));
  EXPECT_EQ(config.storages[0].id, "main");
  EXPECT_TRUE(config.storages[0].required);
  EXPECT_EQ(config.storages[0].batch_size, 7);
  EXPECT_EQ(config.storages[0].batch_timeout, std::chrono::milliseconds(10));
  EXPECT_EQ(config.storages[0].database.path, "/s/a.db");
}

TEST(Storages, ReadTheirOwnKeysAndThoseOfADatabase) {
  const auto config = config_of(R"(
state_dir: /s
storages:
  - {id: main}
  - {id: copy, required: false, batch_size: 500, batch_timeout: 2s, type: sqlite}
  - {id: other, path: /srv/x.db}
collection: {batch_size: 7, batch_timeout: 0}
)");

  ASSERT_THAT(config.storages, SizeIs(3));
  EXPECT_EQ(config.storages[0].database.path, "/s/unity.db");
  EXPECT_EQ(config.storages[0].batch_size, 7);
  EXPECT_TRUE(config.storages[0].required);
  EXPECT_EQ(config.storages[1].id, "copy");
  EXPECT_FALSE(config.storages[1].required);
  EXPECT_EQ(config.storages[1].batch_size, 500);
  EXPECT_EQ(config.storages[1].batch_timeout, std::chrono::seconds(2));
  EXPECT_EQ(config.storages[1].database.path, "/s/copy.db");
  EXPECT_EQ(config.storages[2].database.path, "/srv/x.db");
  EXPECT_EQ(config.find_storage("other"), &config.storages[2]);
  EXPECT_EQ(config.find_storage("none"), nullptr);
}

TEST(Storages, ReportEveryMistakeAtItsPlace) {
  EXPECT_THAT(
      lines_of(R"(storages:
  - {id: a, requird: false, batch_size: 0}
  - {type: sqlit, path: b.db}
  - {id: a, path: c.db, hots: nas}
  - {id: x.y, path: d.db}
  - 7
)"),
      ElementsAre("unity.yaml:2:13: error: unknown key `requird` in storage `a`; did you mean "
                  "`required`?",
                  "unity.yaml:2:41: error: `batch_size` must be a whole number from 1 to 100000; "
                  "it is 0",
                  "unity.yaml:3:5: error: this storage needs the key `id`",
                  "unity.yaml:3:12: error: unknown database type 'sqlit'; did you mean sqlite?",
                  AllOf(StartsWith("unity.yaml:4:10: error: the id `a` is already used at /"),
                        EndsWith("unity.yaml:2:10; ids are unique")),
                  "unity.yaml:4:25: error: unknown key `hots` in `storages`; did you mean `host`?",
                  "unity.yaml:5:10: error: the `id` of a storage must be without dots: it names "
                  "files",
                  "unity.yaml:6:5: error: each entry of `storages` must be a mapping with `id`"));
  EXPECT_THAT(lines_of("storages: {a: 1}"), ElementsAre(HasSubstr("must be a list")));
  EXPECT_THAT(lines_of("storages: []"), ElementsAre(HasSubstr("must be a list")));
}

TEST(Storages, CannotStandBesideTheDatabaseSection) {
  EXPECT_THAT(
      lines_of("database: {path: a.db}\nstorages: [{id: a}]"),
      ElementsAre(AllOf(StartsWith("unity.yaml:2:1: error: `storages` and `database` (at /"),
                        HasSubstr("unity.yaml:1:1) are two ways to say the same"))));
  EXPECT_THAT(config_of("database:\nstorages: [{id: a}]").storages, SizeIs(1));
}

TEST(Storages, NeedOneThatIsRequired) {
  EXPECT_THAT(lines_of("storages: [{id: a, required: false}, {id: b, required: false}]"),
              ElementsAre(StartsWith("unity.yaml:1:1: error: at least one storage must be "
                                     "`required: true`")));
}

TEST(Storages, DoNotShareAFile) {
  const auto error = HasSubstr("has the same file");
  EXPECT_THAT(
      lines_of("state_dir: /s\nstorages: [{id: a, path: x.db}, {id: b, path: ./x.db}]"),
      ElementsAre("unity.yaml:2:47: error: storage `b` has the same file /s/x.db as storage "
                  "`a`; give each its own `path`"));
  EXPECT_THAT(lines_of("storages: [{id: a, path: /x}, {id: b, path: /y/../x}]"),
              ElementsAre(error));

  const ConfigFolder folder;
  folder.write("real/keep", "");
  std::filesystem::create_symlink(folder.path() / "real", folder.path() / "link");
  EXPECT_THAT(lines(folder.load("state_dir: .\n"
                                "storages: [{id: a, path: real/u.db}, {id: b, path: link/u.db}]")),
              ElementsAre(error));
}

TEST(SpoolSection, HasItsDefaults) {
  const auto spool = config_of("state_dir: /s\n").spool;

  EXPECT_EQ(spool.path, "/s/spool");
  EXPECT_EQ(spool.max_bytes, std::uint64_t{4} << 30);
  EXPECT_EQ(spool.segment_bytes, 16U << 20);
  EXPECT_EQ(spool.min_free_bytes, 256U << 20);
  EXPECT_EQ(spool.sync, db::SyncMode::group);
  EXPECT_EQ(spool.when_full, db::FullPolicy::drop_oldest);
}

TEST(SpoolSection, ReadsSizesAndModes) {
  const auto spool = config_of(
                         "state_dir: /s\nspool: {path: q, max_bytes: 512 MiB, segment_bytes: 1MB, "
                         "min_free_bytes: 0, sync: os, when_full: block}")
                         .spool;

  EXPECT_EQ(spool.path, "/s/q");
  EXPECT_EQ(spool.max_bytes, 512U << 20);
  EXPECT_EQ(spool.segment_bytes, 1'000'000U);
  EXPECT_EQ(spool.min_free_bytes, 0U);
  EXPECT_EQ(spool.sync, db::SyncMode::os);
  EXPECT_EQ(spool.when_full, db::FullPolicy::block);
  EXPECT_EQ(config_of("spool: {sync: each, when_full: reject}").spool.sync, db::SyncMode::each);
}

TEST(SpoolSection, RefusesWhatIsOutOfRange) {
  EXPECT_THAT(
      lines_of("spool: {max_bytes: 4 gigs, sync: grup, when_full: drop, min_free_bytes: -1}"),
      ElementsAre("unity.yaml:1:20: error: `max_bytes` must be a size from 1MiB to 64TiB, such as "
                  "4GB, 512MiB or a number of bytes; it is 4 gigs",
                  HasSubstr("1:34: error: `sync` must be one of group, each, os (did you mean "
                            "group?)"),
                  HasSubstr("`when_full` must be one of drop_oldest, block, reject"),
                  HasSubstr("`min_free_bytes` must be a size from 0B")));
  EXPECT_THAT(
      lines_of("spool: {max_bytes: 8MiB, segment_bytes: 4MiB}"),
      ElementsAre("unity.yaml:1:41: error: `segment_bytes` (4MiB) must be at most a quarter "
                  "of `max_bytes` (8MiB)"));
  EXPECT_THAT(lines_of("spool: {max_bytes: 8MiB}"), SizeIs(0));
}

}  // namespace
}  // namespace unity::host
