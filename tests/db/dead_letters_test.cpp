#include "unity/db/dead_letters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "db/dead_letters_fixture.hpp"
#include "db/inspect.hpp"

namespace unity::db {
namespace {

using test::at_second;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

TEST_F(DeadLettersTest, KeepEachRecordWithAllThatIsKnownOfIt) {
  const std::string odd("{\"metric\":\"m\xff\0\n\"}", 17);
  {
    auto letters = open();
    ASSERT_TRUE(letters.append({{letter("bad time", at_second(7), odd)}}));
  }
  auto letters = open();

  const auto list = letters.list({}, 10);
  ASSERT_TRUE(list);
  ASSERT_THAT(*list, SizeIs(1));
  EXPECT_THAT(list->front().payload, IsEmpty());
  const auto one = letters.get(list->front().id);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->time, at_second(7));
  EXPECT_EQ(one->instance, "a");
  EXPECT_EQ(one->plugin, "zoo.scripted");
  EXPECT_EQ(one->device, "box");
  EXPECT_EQ(one->metric, "m");
  EXPECT_EQ(one->stage, "validate");
  EXPECT_EQ(one->reason, "bad time");
  EXPECT_EQ(one->detail, "because");
  EXPECT_EQ(one->payload, odd);
  EXPECT_EQ(one->run, 0xffff'ffff'ffff'fff1);
  EXPECT_EQ(letters.get(99).error().code, Errc::not_found);
}

TEST_F(DeadLettersTest, AreListedNewestFirstAndByEveryFilter) {
  auto letters = open();
  auto other = letter("c", at_second(3));
  other.instance = "b";
  other.stage = "storage:main";
  ASSERT_TRUE(letters.append({{letter("a", at_second(1)), letter("b", at_second(2)), other}}));

  EXPECT_THAT(reasons(letters), ElementsAre("c", "b", "a"));
  EXPECT_THAT(reasons(letters, {}, 2), ElementsAre("c", "b"));
  EXPECT_THAT(reasons(letters, {.ids = {1, 3, 77}}), ElementsAre("c", "a"));
  EXPECT_THAT(reasons(letters, {.instance = "b"}), ElementsAre("c"));
  EXPECT_THAT(reasons(letters, {.reason = "b"}), ElementsAre("b"));
  EXPECT_THAT(reasons(letters, {.stage = "validate"}), ElementsAre("b", "a"));
  EXPECT_THAT(reasons(letters, {.since = at_second(2)}), ElementsAre("c", "b"));
  EXPECT_THAT(reasons(letters, {.before = at_second(2)}), ElementsAre("a"));
  EXPECT_THAT(reasons(letters, {.instance = "a", .since = at_second(2)}), ElementsAre("b"));
  EXPECT_THAT(reasons(letters, {.reason = "none"}), IsEmpty());
}

TEST_F(DeadLettersTest, CountWhatIsThereAndWhatWent) {
  auto letters = open();
  ASSERT_TRUE(letters.append({{letter("a"), letter("a"), letter("b"), letter("c"), letter("c")}}));

  const auto purged = letters.purge({.reason = "a"});
  const std::vector<std::int64_t> ids{3, 3, 99};
  const auto replayed = letters.remove_replayed(ids);

  ASSERT_TRUE(purged && replayed);
  EXPECT_EQ(*purged, 2u);
  EXPECT_EQ(*replayed, 1u);
  const auto now = state(letters);
  EXPECT_EQ(now.letters, 2u);
  EXPECT_EQ(now.purged, 2u);
  EXPECT_EQ(now.replayed, 1u);
  EXPECT_THAT(now.by_reason, ElementsAre(Pair("c", 2)));
  ASSERT_TRUE(letters.append({{letter("d")}}));
  EXPECT_EQ(letters.list({}, 1)->front().id, 6);  // a removed letter's id is never given again
  ASSERT_TRUE(letters.purge({}));
  EXPECT_EQ(state(letters).bytes, 0u);
  ASSERT_TRUE(letters.remove_replayed({}));
}

TEST_F(DeadLettersTest, LetTheOldestGoBeyondTheirBoundsAndCountThem) {
  auto letters = open({.letters_max = 3, .bytes_max = 1 << 20});
  for (const auto* reason : {"a", "b", "c", "d", "e"}) {
    ASSERT_TRUE(letters.append({{letter(reason)}}));
  }
  EXPECT_THAT(reasons(letters), ElementsAre("e", "d", "c"));
  EXPECT_EQ(state(letters).overflowed, 2u);

  const auto large = letter("large", at_second(1), std::string(600 << 10, 'x'));
  ASSERT_TRUE(letters.append({{large, letter("f"), large}}));
  EXPECT_THAT(reasons(letters), ElementsAre("large", "f"));
  EXPECT_EQ(state(letters).overflowed, 6u);
  EXPECT_LE(state(letters).bytes, 1u << 20);
}

TEST_F(DeadLettersTest, AFloodCannotFillTheDisk) {
  auto letters = open({.letters_max = 1000, .bytes_max = 1 << 20});
  const std::vector<DeadLetter> flood(50, letter("r", at_second(1), std::string(64 << 10, 'x')));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(letters.append(flood));

  EXPECT_EQ(state(letters).letters + state(letters).overflowed, 500u);
  auto wal = file_;
  wal += "-wal";
  EXPECT_LT(std::filesystem::file_size(file_) + std::filesystem::file_size(wal), 20u << 20);
}

TEST_F(DeadLettersTest, GiveTheRoomOfPurgedOnesBack) {
  auto letters = open();
  const std::vector<DeadLetter> many(100, letter("r", at_second(1), std::string(64 << 10, 'x')));
  ASSERT_TRUE(letters.append(many));
  ASSERT_TRUE(letters.purge({}));
  test::Inspector inspect(file_);
  EXPECT_EQ(inspect.value("PRAGMA freelist_count"), "0");
}

TEST_F(DeadLettersTest, CutAPayloadBeyondItsBoundAndSaySo) {
  auto letters = open();
  ASSERT_TRUE(letters.append(
      {{letter("r", at_second(1), std::string(DeadLetters::kPayloadMax + 1, 'x'))}}));
  const auto one = letters.get(1);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->payload.size(), DeadLetters::kPayloadMax);
  EXPECT_THAT(one->detail, HasSubstr("4194305 bytes"));
}

TEST_F(DeadLettersTest, AreThereForTheCliOnlyIfTheHostMadeThem) {
  EXPECT_EQ(DeadLetters::open_existing(file_).error().code, Errc::not_found);
  EXPECT_FALSE(std::filesystem::exists(file_));
  auto host = open();
  ASSERT_TRUE(host.append({{letter("a")}}));

  auto cli = DeadLetters::open_existing(file_);

  ASSERT_TRUE(cli);
  EXPECT_THAT(reasons(*cli), ElementsAre("a"));
  ASSERT_TRUE(cli->purge({}));
  EXPECT_EQ(state(host).letters, 0u);
}

TEST_F(DeadLettersTest, SayWhyTheyCannotBeKept) {
  const auto opened = DeadLetters::open(temp_ / "absent" / "letters");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::unavailable);
  EXPECT_THAT(opened.error().message, HasSubstr("No such file"));

  auto letters = open();
  test::Inspector other(file_);
  other.value("BEGIN IMMEDIATE");
  const auto kept = letters.append({{letter("a")}});
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, Errc::unavailable);
  EXPECT_THAT(kept.error().message, HasSubstr("lock"));
  other.value("ROLLBACK");
  EXPECT_TRUE(letters.append({{letter("a")}}));
  EXPECT_EQ(state(letters).letters, 1u);
}

}  // namespace
}  // namespace unity::db
