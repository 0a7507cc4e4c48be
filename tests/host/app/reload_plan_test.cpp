#include "app/reload_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/config/config_folder.hpp"
#include "host/plugin/zoo.hpp"

namespace unity::host {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Action = InstanceStep::Action;

// What a host looks like that runs on this configuration with the zoo's plugins.
HostShape shape_of(std::string_view text) {
  const ConfigFolder folder;
  auto loaded = folder.load("state_dir: /s\n" + std::string(text));
  if (!loaded.config) throw std::logic_error(render(loaded.diagnostics, loaded.sources));
  const PluginFolder cage;
  cage.copy("scripted");
  cage.copy("c_minimal");
  const std::vector<std::filesystem::path> folders{cage.path()};
  const auto plugins = scan_plugins(folders);
  Diagnostics diagnostics;
  const auto plans = plan_instances(*loaded.config, *plugins, diagnostics);
  const auto mistakes = diagnostics.take(loaded.sources);
  if (!mistakes.empty()) throw std::logic_error(render(mistakes, loaded.sources));
  return {describe(*loaded.config), describe(plans, *loaded.config, "nas")};
}

ReloadPlan plan(std::string_view before, std::string_view after) {
  return plan_reload(shape_of(before), shape_of(after));
}

// The step for a collector `a` whose entry has these keys before and after.
InstanceStep step(const std::string& before, const std::string& after) {
  const auto entry = [](const std::string& keys) {
    return "collectors: [{id: a, plugin: zoo.scripted" + keys + "}]";
  };
  return *plan(entry(before), entry(after)).find("a");
}

std::vector<std::string> changes(const InstanceStep& step) {
  std::vector<std::string> texts;
  for (const auto& change : step.changes) texts.push_back(change.text);
  return texts;
}

TEST(ReloadPlan, KeepsWhatDidNotChange) {
  const std::string text =
      "collectors: [{id: a, plugin: zoo.scripted}, {id: b, plugin: zoo.c_minimal}]";

  const auto same = plan(text, "# Only this comment is new.\n" + text);

  EXPECT_FALSE(same.changes_anything());
  EXPECT_EQ(same.count(Action::keep), 2U);
  EXPECT_EQ(to_text(same), "nothing changes\n");
}

TEST(ReloadPlan, KeepsACollectorWhoseDefaultsWereWrittenOut) {
  EXPECT_EQ(step("", ", interval: 1000ms, retry_count: 3, config: {class: ok}").action,
            Action::keep);
}

TEST(ReloadPlan, StartsWhatIsNewAndStopsWhatIsGone) {
  const auto changed =
      plan("collectors: [{id: a, plugin: zoo.scripted}, {id: b, plugin: zoo.scripted}]",
           "collectors: [{id: c, plugin: zoo.c_minimal}, {id: a, plugin: zoo.scripted, enabled: "
           "false}]");

  EXPECT_EQ(changed.find("c")->action, Action::start);
  EXPECT_EQ(changed.find("a")->action, Action::stop);
  EXPECT_EQ(changed.find("b")->action, Action::stop);
  EXPECT_EQ(changed.instances.front().id, "c");
}

TEST(ReloadPlan, AdjustsTheScheduleWithoutMakingAnythingAnew) {
  const auto adjusted = step("", ", interval: 5s, timeout: 2s, align: true");

  EXPECT_EQ(adjusted.action, Action::adjust);
  EXPECT_THAT(changes(adjusted), ElementsAre("interval from 1s to 5s", "timeout from 30s to 2s",
                                             "align from false to true"));
  EXPECT_FALSE(adjusted.new_collector());
  EXPECT_FALSE(adjusted.new_pipeline());
  EXPECT_TRUE(adjusted.keeps_memory());
}

TEST(ReloadPlan, TakesTheDefaultsOfTheCollectionSectionAsEachCollectorsOwn) {
  const std::string collectors =
      "collectors: [{id: a, plugin: zoo.scripted}, {id: b, plugin: zoo.scripted, timeout: 9s}]\n";

  const auto changed = plan(collectors, collectors + "collection: {collection_timeout: 7s}");

  EXPECT_EQ(changed.find("a")->action, Action::adjust);
  EXPECT_EQ(changed.find("b")->action, Action::keep);
}

TEST(ReloadPlan, MakesOnlyThePipelineAnewForTagsAndStages) {
  for (const auto* keys : {", tags: {rack: 7}", ", pipeline: [validate]"}) {
    const auto replaced = step("", keys);
    EXPECT_EQ(replaced.action, Action::replace) << keys;
    EXPECT_FALSE(replaced.new_collector()) << keys;
    EXPECT_TRUE(replaced.new_pipeline()) << keys;
    EXPECT_TRUE(replaced.keeps_memory()) << keys;
  }
  const std::string one = "collectors: [{id: a, plugin: zoo.scripted, tags: {rack: 7}}]\n";
  EXPECT_EQ(plan(one, one + "tags: {rack: 9}").find("a")->action, Action::keep);
  EXPECT_EQ(plan(one, one + "tags: {site: x}").find("a")->action, Action::replace);
  EXPECT_EQ(plan(one, one + "pipeline: [validate, timestamp]").find("a")->action, Action::replace);
}

TEST(ReloadPlan, LeavesOtherOptionsToTheCollectorIfNothingElseChanges) {
  EXPECT_FALSE(step("", ", config: {records: 3}").new_collector());
  EXPECT_TRUE(step("", ", config: {records: 3}").only_options());
  EXPECT_FALSE(step("", ", config: {records: 3}, interval: 2s").new_collector());
  EXPECT_TRUE(step("", ", config: {records: 3}, device: other").new_collector());
  EXPECT_TRUE(step("", ", device: other").new_collector());
  const auto started = plan("collectors: []", "collectors: [{id: a, plugin: zoo.scripted}]");
  EXPECT_TRUE(started.find("a")->new_collector());
}

TEST(ReloadPlan, BeginsAnewWhereSomethingElseMayBeMeasured) {
  for (const auto* keys : {", config: {records: 3}", ", device: other"}) {
    const auto replaced = step("", keys);
    EXPECT_EQ(replaced.action, Action::replace) << keys;
    EXPECT_FALSE(replaced.keeps_memory()) << keys;
  }
  const auto other = plan("collectors: [{id: a, plugin: zoo.scripted}]",
                          "collectors: [{id: a, plugin: zoo.c_minimal}]");
  EXPECT_FALSE(other.find("a")->keeps_memory());
}

TEST(ReloadPlan, GoesOnWithTheRatesWhenOnlyThePluginsFileIsNewer) {
  auto before = shape_of("collectors: [{id: a, plugin: zoo.scripted}]");
  const auto after = before;
  for (auto& setting : before.instances[0].settings) {
    if (setting.name == "version") setting.value = "0.0.1";
    if (setting.name == "file of the plugin") setting.value = "0f";
  }

  const auto replaced = *plan_reload(before, after).find("a");

  EXPECT_EQ(replaced.action, Action::replace);
  EXPECT_TRUE(replaced.new_collector());
  EXPECT_TRUE(replaced.keeps_memory());
}

TEST(ReloadPlan, MakesTheCollectorAnewForPermissionsAndLimits) {
  for (const auto* keys : {", permissions: {network: [udp]}", ", limits: {memory: 64MiB}"}) {
    const auto changed = step("", keys);

    EXPECT_EQ(changed.cost, ChangeCost::code) << keys;
  }
  EXPECT_EQ(step("", ", permissions: {network: []}").action, Action::keep);
}

TEST(ReloadPlan, SortsTheSettingsOfTheHostByWhatTheyCost) {
  const auto changed = plan("", R"(
log: {level: debug}
http: {listen: "127.0.0.1:9"}
collection: {max_concurrent: 7}
spool: {max_bytes: 1GB}
storages: [{id: main, batch_size: 9}, {id: copy}]
)");

  EXPECT_THAT(changed.settings_of(ChangeCost::nothing),
              ElementsAre("log.level from info to debug",
                          "http.listen from 127.0.0.1 port 8787 to 127.0.0.1 port 9"));
  EXPECT_THAT(
      changed.settings_of(ChangeCost::restart),
      ElementsAre("collection.max_concurrent from 10 to 7", "spool.max_bytes from 4GiB to 1GB",
                  "storage main changed", "storage copy is new"));
  auto moved = shape_of("");
  moved.settings[0].value = "/other";
  EXPECT_THAT(plan_reload(moved, shape_of("")).settings_of(ChangeCost::refused),
              ElementsAre("state_dir from /other to /s"));
}

TEST(ReloadPlan, SaysAgainWhatStillNeedsARestart) {
  const auto before = shape_of("");
  const auto next = shape_of("spool: {sync: os}\nlog: {level: debug}\ncollectors: []\n");

  const auto running = after_reload(before, next);

  const auto again = plan_reload(running, next);
  EXPECT_THAT(again.settings_of(ChangeCost::nothing), IsEmpty());
  EXPECT_THAT(again.settings_of(ChangeCost::restart), ElementsAre("spool.sync from group to os"));
  EXPECT_FALSE(plan_reload(running, shape_of("log: {level: debug}")).changes_anything());
}

TEST(ReloadPlan, ReadsWell) {
  const auto changed = plan(R"(
collectors:
  - {id: kept, plugin: zoo.scripted}
  - {id: gone, plugin: zoo.scripted}
  - {id: tagged, plugin: zoo.scripted}
  - {id: other, plugin: zoo.scripted}
  - {id: slow, plugin: zoo.scripted}
)",
                            R"(
log: {level: warn}
spool: {sync: os}
collectors:
  - {id: kept, plugin: zoo.scripted}
  - {id: fresh, plugin: zoo.scripted}
  - {id: tagged, plugin: zoo.scripted, tags: {rack: 7}}
  - {id: other, plugin: zoo.scripted, config: {records: 2, text: hunter2}}
  - {id: slow, plugin: zoo.scripted, interval: 1m}
)");

  EXPECT_EQ(to_text(changed),
            R"(collectors: 1 to start, 1 to stop, 2 to replace, 1 to adjust, 1 to keep
  start    fresh
  replace  tagged: tags from none to rack=7; its rates go on
  replace  other: config.records changed, config.text changed; its rates begin anew
  adjust   slow: interval from 1s to 1m
  stop     gone
at once: log.level from info to warn
only with the next start: spool.sync from group to os
)");
  EXPECT_THAT(json::dump(to_json(changed)),
              AllOf(HasSubstr(R"({"id":"fresh","action":"start")"), Not(HasSubstr("hunter2"))));
}

}  // namespace
}  // namespace unity::host
