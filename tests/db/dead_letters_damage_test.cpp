// Dead letters whose file is damaged, removed or shared with others, and whose process is killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "db/dead_letters_fixture.hpp"
#include "db/inspect.hpp"

namespace unity::db {
namespace {

using test::at_second;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using DeadLettersDamage = DeadLettersTest;

TEST_F(DeadLettersDamage, MoveGarbageAsideAndSaySo) {
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

TEST_F(DeadLettersDamage, MoveADatabaseOfSomebodyElsesAside) {
  test::Inspector(file_).value("CREATE TABLE theirs (x)");
  auto letters = open();
  EXPECT_THAT(letters.take_notice(), HasSubstr("something else"));
  EXPECT_EQ(test::Inspector(temp_ / "dead-letters.db.damaged").value("SELECT count(*) FROM theirs"),
            "0");
  EXPECT_TRUE(letters.append({{letter("a")}}));
}

TEST_F(DeadLettersDamage, BeginAnewWhenTablesAreMissing) {
  open();
  test::Inspector(file_).value("DROP TABLE totals");
  auto letters = open();
  EXPECT_THAT(letters.take_notice(), HasSubstr("totals"));
  EXPECT_TRUE(letters.append({{letter("a")}}));
}

TEST_F(DeadLettersDamage, OfANewerVersionAreLeftAlone) {
  open();
  test::Inspector(file_).value("PRAGMA user_version = 2");
  const auto opened = DeadLetters::open(file_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::refused);
  EXPECT_THAT(opened.error().message, HasSubstr("newer version"));
  EXPECT_FALSE(std::filesystem::exists(temp_ / "dead-letters.db.damaged"));
}

TEST_F(DeadLettersDamage, GoOnAfterTheFileWasDamagedUnderThem) {
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

TEST_F(DeadLettersDamage, GoOnAfterTheFileWasRemovedUnderThem) {
  auto letters = open();
  ASSERT_TRUE(letters.append({{letter("a")}}));
  std::filesystem::remove(file_);

  ASSERT_TRUE(letters.append({{letter("b")}}));

  EXPECT_THAT(letters.take_notice(), HasSubstr("removed"));
  auto later = DeadLetters::open_existing(file_);
  ASSERT_TRUE(later);
  EXPECT_THAT(reasons(*later), ElementsAre("b"));
}

TEST_F(DeadLettersDamage, SurviveAFileThatIsCutAnywhere) {
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

TEST_F(DeadLettersDamage, AreSharedByProcessesThatWriteAndPurgeAtOnce) {
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

TEST_F(DeadLettersDamage, SurviveBeingKilledInTheMiddleOfAnAppend) {
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
