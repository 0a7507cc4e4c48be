#include "plugin/secret_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "plugin/secret_file.hpp"
#include "support/temp_dir.hpp"

namespace unity::host {
namespace {

using testing::IsEmpty;
using Source = SecretConfig::Source;

class SecretStoreTest : public testing::Test {
 protected:
  SecretConfig file(const std::string& name, const std::string& text) {
    const auto path = temp_ / name;
    std::ofstream(path, std::ios::binary) << text;
    std::filesystem::permissions(path, std::filesystem::perms(0600));
    return {name, Source::file, path.string(), {}, {}, {}};
  }
  static SecretConfig value(const std::string& name, const std::string& text) {
    return {name, Source::value, {}, text, {}, {}};
  }
  std::string get(std::string_view name) const {
    const auto found = store_.get(name);
    return found ? std::string(found->view()) : "none";
  }

  test::TempDir temp_;
  SecretStore store_;
};

TEST_F(SecretStoreTest, HasTheSecretsOfTheConfiguration) {
  ASSERT_TRUE(store_.replace({file("db", "hunter2\n"), value("token", "t")}));

  EXPECT_EQ(get("db"), "hunter2");
  EXPECT_EQ(get("token"), "t");
  EXPECT_EQ(get("other"), "none");
}

TEST_F(SecretStoreTest, CutsOneLineBreakAndNoMore) {
  ASSERT_TRUE(store_.replace({file("a", "x\n\n"), file("b", "x\r\n"), file("c", " x ")}));

  EXPECT_EQ(get("a"), "x\n");
  EXPECT_EQ(get("b"), "x");
  EXPECT_EQ(get("c"), " x ");
}

TEST_F(SecretStoreTest, TakesTheSecretsOfAReload) {
  ASSERT_TRUE(store_.replace({value("same", "1"), value("changed", "1"), value("gone", "1")}));

  ASSERT_TRUE(store_.replace({value("same", "1"), value("changed", "2"), value("new", "1")}));

  EXPECT_EQ(get("changed"), "2");
  EXPECT_EQ(get("new"), "1");
  EXPECT_EQ(get("gone"), "none");
}

TEST_F(SecretStoreTest, ChangesNothingIfAFileCannotBeRead) {
  ASSERT_TRUE(store_.replace({value("a", "1")}));

  const auto changed = store_.replace(
      {value("a", "2"), {"b", Source::file, (temp_ / "missing").string(), {}, {}, {}}});

  ASSERT_FALSE(changed);
  EXPECT_EQ(get("a"), "1");
}

TEST_F(SecretStoreTest, ReadsAFileAnewWhenItsValueWasNotAccepted) {
  ASSERT_TRUE(store_.replace({file("db", "old"), value("token", "t")}));
  EXPECT_FALSE(*store_.refresh("db")) << "it is the same";
  file("db", "new");

  const auto refreshed = store_.refresh("db");

  ASSERT_TRUE(refreshed);
  EXPECT_TRUE(*refreshed);
  EXPECT_EQ(get("db"), "new");
  EXPECT_FALSE(*store_.refresh("token"));
  EXPECT_FALSE(*store_.refresh("other"));
}

TEST_F(SecretStoreTest, KeepsTheOldValueIfTheFileCannotBeReadAnew) {
  ASSERT_TRUE(store_.replace({file("db", "old")}));
  std::filesystem::permissions(temp_ / "db", std::filesystem::perms(0644));

  const auto refreshed = store_.refresh("db");

  ASSERT_FALSE(refreshed);
  EXPECT_EQ(refreshed.error().code, Errc::refused);
  EXPECT_EQ(get("db"), "old");
}

TEST_F(SecretStoreTest, LeavesAValueToWhoHasItWhenItIsReplaced) {
  ASSERT_TRUE(store_.replace({value("a", "old")}));
  const auto held = store_.get("a");

  ASSERT_TRUE(store_.replace({value("a", "new")}));

  EXPECT_EQ(held->view(), "old");
  EXPECT_EQ(get("a"), "new");
}

// What the kernel says of the mapping in which `address` lies: its line of flags.
std::string flags_at(const void* address) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  std::ifstream maps("/proc/self/smaps");
  bool here = false;
  for (std::string line; std::getline(maps, line);) {
    const auto dash = line.find('-');
    const auto blank = line.find(' ');
    if (dash != line.npos && blank != line.npos && dash < blank &&
        line.find_first_not_of("0123456789abcdef-") == blank) {
      here = std::stoull(line.substr(0, dash), nullptr, 16) <= wanted &&
             wanted < std::stoull(line.substr(dash + 1), nullptr, 16);
    } else if (here && line.starts_with("VmFlags:")) {
      return line + " ";
    }
  }
  return {};
}

TEST(LockedText, IsInMemoryThatIsLockedAndNotDumped) {
  const LockedText text("hunter2");

  EXPECT_EQ(text.view(), "hunter2");
  const auto flags = flags_at(text.view().data());
  EXPECT_THAT(flags, testing::HasSubstr(" dd "));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they let nobody lock memory
  if (text.locked()) {
    EXPECT_THAT(flags, testing::HasSubstr(" lo "));
  }
#endif
}

TEST(LockedText, MayBeEmptyAndMoves) {
  LockedText text;
  EXPECT_THAT(text.view(), IsEmpty());

  text = LockedText("one");
  LockedText other(std::move(text));
  other = LockedText("two");

  EXPECT_EQ(other.view(), "two");
}

}  // namespace
}  // namespace unity::host
