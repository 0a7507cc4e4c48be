#include "plugin/plugin_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/plugin/zoo.hpp"
#include "plugin/plugin_set.hpp"

namespace unity::host {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

std::string refusal(const std::filesystem::path& path) {
  const auto file = read_plugin_file(path);
  return file ? "accepted" : file.error().message;
}

TEST(PluginFile, IsReadWithItsManifestAndHash) {
  const PluginFolder folder;

  const auto file = read_plugin_file(folder.copy("scripted"));

  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->manifest.id, "zoo.scripted");
  EXPECT_EQ(file->image, read_bytes(zoo_path("scripted")));
  EXPECT_EQ(file->hash, sha256(file->image));
}

TEST(PluginFile, IsNamedInEveryRefusal) {
  const PluginFolder folder;
  const auto path = folder.write("text.so", "not a library\n");

  EXPECT_EQ(refusal(path), "cannot use plugin " + path.string() + ": it is not an ELF file");
}

TEST(PluginFile, ThatIsMissingIsNotFound) {
  const auto file = read_plugin_file("/nowhere/x.so");

  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, Errc::not_found);
}

TEST(PluginFile, ThatItsGroupCanWriteIsRefused) {
  const PluginFolder folder;
  const auto path = folder.copy("c_minimal");
  ::chmod(path.c_str(), 0664);

  EXPECT_THAT(refusal(path), AllOf(HasSubstr("can be written by others"),
                                   HasSubstr("chmod go-w " + path.string())));
}

TEST(PluginFile, InAFolderThatEverybodyCanWriteIsRefused) {
  const PluginFolder folder;
  const auto inner = folder.path() / "inner";
  std::filesystem::create_directory(inner);
  ::chmod(inner.c_str(), 0777);
  const auto path = folder.write("inner/x.so", read_bytes(zoo_path("c_minimal")));

  EXPECT_THAT(refusal(path), HasSubstr(inner.string() + " can be written by others"));
}

TEST(PluginFile, InAStickyFolderIsAccepted) {
  const PluginFolder folder;
  const auto inner = folder.path() / "inner";
  std::filesystem::create_directory(inner);
  ::chmod(inner.c_str(), 01777);

  EXPECT_EQ(refusal(folder.write("inner/x.so", read_bytes(zoo_path("c_minimal")))), "accepted");
}

TEST(PluginFile, OfAnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const PluginFolder folder;
  const auto path = folder.copy("c_minimal");
  ASSERT_EQ(::chown(path.c_str(), 12345, 0), 0);

  EXPECT_THAT(refusal(path), HasSubstr("belongs to user 12345"));
}

TEST(PluginFile, ThatIsASymbolicLinkIsRefused) {
  const PluginFolder folder;
  const auto path = folder.path() / "link.so";
  std::filesystem::create_symlink(folder.copy("c_minimal"), path);

  EXPECT_THAT(refusal(path), HasSubstr("it is a symbolic link"));
}

// The folder that a link leads to lies in one that others can write: they could replace it.
TEST(PluginFile, BehindALinkedFolderIsJudgedByTheFoldersWhereItReallyIs) {
  const PluginFolder folder;
  const auto open = folder.path() / "open";
  std::filesystem::create_directories(open / "inner");
  folder.write("open/inner/x.so", read_bytes(zoo_path("c_minimal")));
  ::chmod(open.c_str(), 0777);
  std::filesystem::create_directory_symlink(open / "inner", folder.path() / "link");

  EXPECT_THAT(refusal(folder.path() / "link" / "x.so"),
              HasSubstr(open.string() + " can be written by others"));
}

TEST(PluginFile, ThatIsAPipeIsRefusedWithoutWaitingForAWriter) {
  const PluginFolder folder;
  const auto path = folder.path() / "pipe.so";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);

  EXPECT_THAT(refusal(path), HasSubstr("not a regular file"));
}

TEST(PluginFile, ThatIsAFolderIsRefused) {
  const PluginFolder folder;
  std::filesystem::create_directory(folder.path() / "x.so");

  EXPECT_THAT(refusal(folder.path() / "x.so"), HasSubstr("not a regular file"));
}

TEST(PluginFile, ForALaterAbiIsRefusedWithBothVersions) {
  const auto file = read_from_zoo("wrong_abi");

  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().message,
              HasSubstr("it needs plugin ABI 2.0, this host offers 1.0; use a newer host"));
}

TEST(FindPluginFiles, ListsOnlySharedLibrariesInOrder) {
  const PluginFolder folder;
  folder.write("b.so", "");
  folder.write("a.so", "");
  folder.write("README", "");
  folder.write("a.so.bak", "");

  const std::vector<std::filesystem::path> folders{folder.path()};
  const auto files = find_plugin_files(folders);

  ASSERT_TRUE(files);
  EXPECT_THAT(*files, ElementsAre(folder.path() / "a.so", folder.path() / "b.so"));
}

TEST(FindPluginFiles, NamesAFolderThatIsMissing) {
  const std::vector<std::filesystem::path> folders{"/nowhere"};

  const auto files = find_plugin_files(folders);

  ASSERT_FALSE(files);
  EXPECT_THAT(files.error().message, HasSubstr("cannot search /nowhere for plugins"));
}

TEST(ScanPlugins, ReportsWhatItRefusesAndKeepsTheRest) {
  const PluginFolder folder;
  folder.copy("scripted");
  folder.copy("wrong_abi");
  folder.write("text.so", "not a library\n");

  const std::vector<std::filesystem::path> folders{folder.path()};
  const auto plugins = scan_plugins(folders);

  ASSERT_TRUE(plugins);
  EXPECT_THAT(plugins->ids(), ElementsAre("zoo.scripted"));
  EXPECT_THAT(plugins->unusable, SizeIs(2));
}

TEST(ScanPlugins, PrefersTheFirstOfTwoFilesWithTheSameId) {
  const PluginFolder first;
  const PluginFolder second;
  const auto kept = first.copy("scripted");
  const auto hidden = second.copy("scripted");

  const std::vector<std::filesystem::path> folders{first.path(), second.path()};
  const auto plugins = scan_plugins(folders);

  ASSERT_TRUE(plugins);
  EXPECT_EQ(plugins->by_id.at("zoo.scripted").path, kept);
  ASSERT_THAT(plugins->unusable, SizeIs(1));
  EXPECT_THAT(plugins->unusable[0].message,
              AllOf(HasSubstr(hidden.string()), HasSubstr("already provided by " + kept.string())));
}

}  // namespace
}  // namespace unity::host
