#include "config/merge.hpp"

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
using testing::SizeIs;
using testing::StartsWith;

TEST(ConfFolder, IsLaidOverTheMainFileInTheOrderOfNames) {
  const ConfigFolder folder;
  folder.write("conf.d/20-b.yml", "collection: {batch_size: 20}\n");
  folder.write("conf.d/10-a.yaml",
               "collection: {batch_size: 10, retry_count: 1}\ntags: {a: '1'}\n");
  folder.write("conf.d/.hidden.yaml", "nonsense");
  folder.write("conf.d/README", "nonsense");

  const auto outcome =
      folder.load("collection: {retry_count: 5, retry_delay: 7}\ntags: {b: '2'}\n");

  ASSERT_TRUE(outcome.config) << render(outcome.diagnostics, outcome.sources);
  EXPECT_EQ(outcome.config->collection.batch_size, 20);
  EXPECT_EQ(outcome.config->collection.retry_count, 1);
  EXPECT_EQ(outcome.config->collection.retry_delay, 7s);
  EXPECT_EQ(outcome.config->tags, (Tags{{"a", "1"}, {"b", "2"}}));
}

TEST(ConfFolder, AddsCollectorsAndReplacesOtherLists) {
  const ConfigFolder folder;
  folder.write("conf.d/a.yaml", "collectors: [{id: b, plugin: p}]\nplugin_dirs: [/b]\n");
  folder.write("conf.d/b.yaml", "collectors: [{id: c, plugin: p}]\n");
  folder.write("conf.d/c.yaml", "collectors:\nplugin_dirs:\n");

  const auto outcome = folder.load("collectors: [{id: a, plugin: p}]\nplugin_dirs: [/a]\n");

  ASSERT_TRUE(outcome.config);
  ASSERT_THAT(outcome.config->collectors, SizeIs(3));
  EXPECT_EQ(outcome.config->collectors[0].id, "a");
  EXPECT_EQ(outcome.config->collectors[2].id, "c");
  EXPECT_THAT(outcome.config->collectors[2].location.file, EndsWith("conf.d/b.yaml"));
  EXPECT_THAT(outcome.config->plugin_dirs, ElementsAre("/b"));
}

TEST(ConfFolder, ReportsEachMistakeInItsOwnFile) {
  const ConfigFolder folder;
  folder.write("conf.d/a.yaml", "\ncollectors: [{id: sys, plugin: p}]\n");
  folder.write("conf.d/b.yaml", "collection: {batch_size: x}\n");
  folder.write("conf.d/c.yaml", "a: [\n");

  EXPECT_THAT(lines(folder.load("collectors: [{id: sys, plugin: p}]\ncollectoin: {}\n")),
              ElementsAre(StartsWith("unity.yaml:2:1: error: unknown key `collectoin`"),
                          AllOf(StartsWith("a.yaml:2:19: error: the id `sys` is already used at "),
                                HasSubstr("/unity.yaml:1:19;")),
                          StartsWith("b.yaml:1:26: error: `batch_size`"),
                          StartsWith("c.yaml:2:1: error: not valid YAML")));
}

TEST(ConfFolder, IsNoticedWhenItIsNoFolder) {
  const ConfigFolder folder;
  folder.write("conf.d", "a: 1\n");

  EXPECT_THAT(lines(folder.load("")), ElementsAre(HasSubstr("conf.d: error: cannot be listed")));
}

}  // namespace
}  // namespace unity::host
