#include "unity/db/dead_letters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "db/inspect.hpp"
#include "db/records.hpp"
#include "support/temp_dir.hpp"

namespace unity::db {
namespace {

using test::at_second;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

DeadLetter letter(std::string reason, Time time = at_second(1), std::string payload = "{}") {
  DeadLetter one;
  one.time = time;
  one.instance = "a";
  one.plugin = "zoo.scripted";
  one.device = "box";
  one.metric = "m";
  one.stage = "validate";
  one.reason = std::move(reason);
  one.detail = "because";
  one.payload = std::move(payload);
  one.run = 0xffff'ffff'ffff'fff1;
  return one;
}

class DeadLettersTest : public testing::Test {
 protected:
  DeadLetters open(const DeadLetterLimits& limits = {}) {
    auto opened = DeadLetters::open(file_, limits);
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
  }
  static std::vector<std::string> reasons(DeadLetters& letters, const DeadLetterFilter& filter = {},
                                          std::size_t limit = 1000) {
    std::vector<std::string> found;
    const auto list = letters.list(filter, limit);
    EXPECT_TRUE(list) << (list ? "" : list.error().message);
    if (!list) return found;
    for (const auto& one : *list) found.push_back(one.reason);
    return found;
  }
  static DeadLetterState state(DeadLetters& letters) {
    const auto state = letters.state();
    EXPECT_TRUE(state) << (state ? "" : state.error().message);
    return state ? *state : DeadLetterState();
  }

  test::TempDir temp_;
  std::filesystem::path file_ = temp_ / "dead-letters.db";
};

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

// ---- damage

TEST_F(DeadLettersTest, MoveGarbageAsideAndSaySo) {
  std::ofstream(file_) << std::string(10'000, 'g');

  const auto cli = DeadLetters::open_existing(file_);
  ASSERT_FALSE(cli);
  EXPECT_EQ(cli.error().code, Errc::refused);
  EXPECT_EQ(std::filesystem::file_size(file_), 10'000u);

  auto letters = open();
  EXPECT_THAT(letters.take_notice(), HasSubstr("dead-letters.db.damaged"));
  EXPECT_THAT(letters.take_notice(), IsEmpty());
  EXPECT_EQ(std::filesystem::file_size(temp_ / "dead-letters.db.damaged"), 10'000u);
  ASSERT_TRUE(letters.append({{letter("a")}}));
  EXPECT_THAT(reasons(letters), ElementsAre("a"));
}

TEST_F(DeadLettersTest, MoveADatabaseOfSomebodyElsesAside) {
  test::Inspector(file_).value("CREATE TABLE theirs (x)");
  auto letters = open();
  EXPECT_THAT(letters.take_notice(), HasSubstr("something else"));
  EXPECT_EQ(test::Inspector(temp_ / "dead-letters.db.damaged").value("SELECT count(*) FROM theirs"),
            "0");
  EXPECT_TRUE(letters.append({{letter("a")}}));
}

TEST_F(DeadLettersTest, BeginAnewWhenTablesAreMissing) {
  open();
  test::Inspector(file_).value("DROP TABLE totals");
  auto letters = open();
  EXPECT_THAT(letters.take_notice(), HasSubstr("totals"));
  EXPECT_TRUE(letters.append({{letter("a")}}));
}

TEST_F(DeadLettersTest, OfANewerVersionAreLeftAlone) {
  open();
  test::Inspector(file_).value("PRAGMA user_version = 2");
  const auto opened = DeadLetters::open(file_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::refused);
  EXPECT_THAT(opened.error().message, HasSubstr("newer version"));
  EXPECT_FALSE(std::filesystem::exists(temp_ / "dead-letters.db.damaged"));
}

TEST_F(DeadLettersTest, GoOnAfterTheFileWasDamagedUnderThem) {
  auto letters = open();
  const std::vector<DeadLetter> many(200, letter("old", at_second(1), std::string(4096, 'x')));
  ASSERT_TRUE(letters.append(many));
  test::Inspector(file_).value("PRAGMA wal_checkpoint(TRUNCATE)");
  {
    std::fstream file(file_, std::ios::in | std::ios::out | std::ios::binary);
    const auto size = std::filesystem::file_size(file_);
    for (std::uintmax_t at = 0; at < size; at += 4096) {
      file.seekp(static_cast<std::streamoff>(at)).write("garbage garbage garbage garbage", 31);
    }
  }
  // What SQLite has in its cache goes with the first change of another.
  ASSERT_TRUE(letters.append({{letter("new")}}));
  auto later = open();
  auto notices = letters.take_notice() + later.take_notice();
  EXPECT_THAT(notices, HasSubstr("damaged"));
  ASSERT_TRUE(letters.append({{letter("newer")}}));
  EXPECT_EQ(reasons(letters).front(), "newer");
  EXPECT_EQ(reasons(later).front(), "newer");
}

TEST_F(DeadLettersTest, GoOnAfterTheFileWasRemovedUnderThem) {
  auto letters = open();
  ASSERT_TRUE(letters.append({{letter("a")}}));
  std::filesystem::remove(file_);

  ASSERT_TRUE(letters.append({{letter("b")}}));

  EXPECT_THAT(letters.take_notice(), HasSubstr("removed"));
  auto later = DeadLetters::open_existing(file_);
  ASSERT_TRUE(later);
  EXPECT_THAT(reasons(*later), ElementsAre("b"));
}

TEST_F(DeadLettersTest, SurviveAFileThatIsCutAnywhere) {
  {
    auto letters = open();
    const std::vector<DeadLetter> many(20, letter("old", at_second(1), std::string(3000, 'x')));
    ASSERT_TRUE(letters.append(many));
  }
  std::ostringstream whole;
  whole << std::ifstream(file_, std::ios::binary).rdbuf();
  for (std::size_t size = 0; size < whole.str().size(); size += 1021) {
    std::filesystem::remove(temp_ / "dead-letters.db-wal");
    std::filesystem::remove(temp_ / "dead-letters.db-shm");
    std::ofstream(file_, std::ios::binary) << whole.str().substr(0, size);
    auto letters = open();
    ASSERT_TRUE(letters.append({{letter("new")}})) << size;
    EXPECT_EQ(reasons(letters, {}, 1).front(), "new") << size;
  }
}

// ---- several processes

// Runs `work` in a process of its own.
template <class Work>
pid_t in_child(Work work) {
  const auto child = ::fork();
  if (child != 0) return child;
  work();
  ::_exit(0);
}

bool ended_well(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(DeadLettersTest, AreSharedByProcessesThatWriteAndPurgeAtOnce) {
  open();
  constexpr int kWriters = 3;
  constexpr int kEach = 100;
  std::vector<pid_t> children;
  for (int writer = 0; writer < kWriters; ++writer) {
    children.push_back(in_child([this, writer] {
      auto letters = DeadLetters::open(file_);
      if (!letters) ::_exit(1);
      for (int i = 0; i < kEach; ++i) {
        Result<void> kept;
        do {
          kept = letters->append({{letter("w" + std::to_string(writer)), letter("chaff")}});
        } while (!kept && kept.error().code == Errc::unavailable);
        if (!kept) ::_exit(2);
      }
    }));
  }
  children.push_back(in_child([this] {
    auto letters = DeadLetters::open_existing(file_);
    if (!letters) ::_exit(3);
    for (int i = 0; i < 30; ++i) {
      const auto purged = letters->purge({.reason = "chaff"});
      if (!purged && purged.error().code != Errc::unavailable) ::_exit(4);
    }
  }));
  for (const auto child : children) EXPECT_TRUE(ended_well(child));

  auto letters = open();
  EXPECT_THAT(letters.take_notice(), IsEmpty());
  const auto now = state(letters);
  EXPECT_EQ(now.letters + now.purged, 2u * kWriters * kEach);
  for (int writer = 0; writer < kWriters; ++writer) {
    EXPECT_EQ(now.by_reason.at("w" + std::to_string(writer)), std::uint64_t{kEach});
  }
}

TEST_F(DeadLettersTest, SurviveBeingKilledInTheMiddleOfAnAppend) {
  // The child says on the pipe which letters it was told are kept; it is killed at any moment.
  std::uint64_t promised = 0;
  for (int round = 0; round < 20; ++round) {
    int line[2];
    ASSERT_EQ(::pipe(line), 0);
    const auto child = in_child([this, &line] {
      auto letters = DeadLetters::open(file_);
      if (!letters) ::_exit(1);
      const std::vector<DeadLetter> batch(7, letter("r", at_second(1), std::string(20'000, 'x')));
      for (;;) {
        if (letters->append(batch)) (void)!::write(line[1], "k", 1);
      }
    });
    ::close(line[1]);
    char kept = 0;
    for (int i = 0; i <= round % 5; ++i) promised += ::read(line[0], &kept, 1) == 1 ? 7 : 0;
    for (int spin = 0; spin < round * 1000; ++spin) ::getppid();  // a little later each time
    ::kill(child, SIGKILL);
    while (::read(line[0], &kept, 1) == 1) promised += 7;
    ::close(line[0]);
    ::waitpid(child, nullptr, 0);
  }

  auto letters = open();
  EXPECT_THAT(letters.take_notice(), IsEmpty());
  const auto now = state(letters);
  EXPECT_GE(now.letters + now.overflowed, promised);
  EXPECT_LE(now.letters + now.overflowed, promised + 20 * 7);
  EXPECT_EQ((now.letters + now.overflowed) % 7, 0u) << "an append is all or nothing";
  EXPECT_EQ(test::Inspector(file_).value("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(test::Inspector(file_).value("SELECT count(*) = t.letters AND sum(size) = t.bytes "
                                         "FROM letters, totals t"),
            "1");
}

}  // namespace
}  // namespace unity::db
