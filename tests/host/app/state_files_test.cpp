// The small files that the host keeps in its state folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "app/boot_counter.hpp"
#include "app/paused_file.hpp"
#include "support/temp_dir.hpp"

namespace unity::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(BootCounter, CountsEveryStart) {
  const test::TempDir temp;
  EXPECT_EQ(*count_boot(temp.path()), 1u);
  EXPECT_EQ(*count_boot(temp.path()), 2u);
  EXPECT_EQ(*count_boot(temp.path()), 3u);
}

TEST(BootCounter, GivesEachStartIdsOfItsOwn) {
  EXPECT_EQ(first_run_id(1), (std::uint64_t{1} << 40) + 1);
  EXPECT_GT(first_run_id(2), first_run_id(1) + 1'000'000'000);
}

TEST(BootCounter, RefusesAFileThatHoldsNoCount) {
  for (const auto* text : {"", "many", "12x", "-1", "16777215", "99999999999"}) {
    const test::TempDir temp;
    std::ofstream(temp / "boot-count") << text;

    const auto boot = count_boot(temp.path());

    ASSERT_FALSE(boot) << text;
    EXPECT_EQ(boot.error().code, Errc::invalid);
    EXPECT_THAT(boot.error().message, HasSubstr("boot-count"));
  }
}

TEST(BootCounter, SaysWhyItCannotWrite) {
  EXPECT_THAT(count_boot("/nowhere").error().message, HasSubstr("No such file"));
}

TEST(PausedFile, KeepsWhatWasPaused) {
  const test::TempDir temp;
  EXPECT_THAT(*read_paused(temp.path()), IsEmpty());

  ASSERT_TRUE(write_paused(temp.path(), {"disk", "a \"b\""}));

  EXPECT_THAT(*read_paused(temp.path()), ElementsAre("a \"b\"", "disk"));
}

TEST(PausedFile, RefusesWhatIsNoListOfIds) {
  for (const auto* text : {"", "{}", "[1]", "[\"disk\""}) {
    const test::TempDir temp;
    std::ofstream(temp / "paused.json") << text;
    EXPECT_EQ(read_paused(temp.path()).error().code, Errc::invalid) << text;
  }
}

}  // namespace
}  // namespace unity::host
