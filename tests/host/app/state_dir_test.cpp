#include "app/state_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/temp_dir.hpp"

namespace unity::host {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(StateDir, IsCreatedWithItsParents) {
  const test::TempDir temp;

  const auto held = StateDir::acquire(temp / "a/b");

  ASSERT_TRUE(held) << held.error().message;
  EXPECT_TRUE(std::filesystem::is_directory(temp / "a/b"));
}

TEST(StateDir, IsHeldByOneHostAtATime) {
  const test::TempDir temp;
  const auto first = StateDir::acquire(temp.path());
  ASSERT_TRUE(first);

  const auto second = StateDir::acquire(temp.path());

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::refused);
  EXPECT_THAT(second.error().message, AllOf(HasSubstr("process " + std::to_string(::getpid())),
                                            HasSubstr(temp.path().string())));
}

TEST(StateDir, IsFreeAgainAfterItsHolder) {
  const test::TempDir temp;
  { ASSERT_TRUE(StateDir::acquire(temp.path())); }

  EXPECT_TRUE(StateDir::acquire(temp.path()));
}

TEST(StateDir, ThatIsAFileIsRefusedWithTheReason) {
  const test::TempDir temp;
  std::ofstream(temp / "file") << "x";

  const auto held = StateDir::acquire(temp / "file");

  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().code, Errc::invalid);
  EXPECT_THAT(held.error().message,
              AllOf(HasSubstr("cannot use the state folder"), HasSubstr("`state_dir`")));
}

}  // namespace
}  // namespace unity::host
