#include "app/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/config/config_folder.hpp"
#include "host/plugin/zoo.hpp"

namespace unity::host {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// What becomes of a configuration when the zoo's c_minimal and scripted are the plugins.
struct Planned {
  explicit Planned(std::string_view text) {
    loaded = folder.load(text);
    if (!loaded.config) throw std::logic_error(render(loaded.diagnostics, loaded.sources));
    const PluginFolder cage;
    cage.copy("scripted");
    cage.copy("c_minimal");
    cage.copy("numbers");
    const std::vector<std::filesystem::path> folders{cage.path()};
    plugins = std::move(*scan_plugins(folders));
    Diagnostics diagnostics;
    plans = plan_instances(*loaded.config, plugins, diagnostics);
    for (const auto& one : diagnostics.take(loaded.sources)) {
      mistakes.push_back(std::to_string(one.location.line) + ":" +
                         std::to_string(one.location.column) + ": " + one.message);
    }
  }

  ConfigFolder folder;
  LoadOutcome loaded;
  PluginSet plugins;
  std::vector<InstancePlan> plans;
  std::vector<std::string> mistakes;
};

TEST(Plan, FillsInTheDefaultsOfThePlugin) {
  const Planned planned(
      "collectors:\n  - { id: a, plugin: zoo.scripted, config: { records: 3 } }\n");

  EXPECT_THAT(planned.mistakes, IsEmpty());
  ASSERT_THAT(planned.plans, SizeIs(1));
  EXPECT_EQ(planned.plans[0].interval, 1s);
  EXPECT_THAT(planned.plans[0].options,
              AllOf(HasSubstr(R"("records":3)"), HasSubstr(R"("class":"ok")")));
}

TEST(Plan, PrefersTheIntervalOfTheFile) {
  const Planned planned("collectors:\n  - { id: a, plugin: zoo.scripted, interval: 250ms }\n");

  ASSERT_THAT(planned.plans, SizeIs(1));
  EXPECT_EQ(planned.plans[0].interval, 250ms);
}

TEST(Plan, NamesTheNearestPluginForAnUnknownOne) {
  const Planned planned("collectors:\n  - { id: a, plugin: zoo.scirpted }\n");

  EXPECT_THAT(planned.mistakes,
              ElementsAre(AllOf(HasSubstr("2:22: there is no plugin \"zoo.scirpted\" in "),
                                HasSubstr("; did you mean \"zoo.scripted\"?"))));
}

TEST(Plan, ListsThePluginsThatThereAreForAFarFetchedName) {
  const Planned planned("collectors:\n  - { id: a, plugin: weather }\n");

  EXPECT_THAT(planned.mistakes,
              ElementsAre(HasSubstr("found: zoo.c_minimal, zoo.numbers, zoo.scripted")));
}

TEST(Plan, NamesTheFoldersThatWereSearchedForAPlugin) {
  const Planned planned(
      "plugin_dirs: [/opt/one, /opt/two]\ncollectors:\n  - { id: a, plugin: weather }\n");

  EXPECT_THAT(planned.mistakes,
              ElementsAre(HasSubstr("no plugin \"weather\" in /opt/one, /opt/two; found: ")));
}

TEST(Plan, ReportsEachWrongOptionAtItsPlace) {
  const Planned planned(
      "collectors:\n"
      "  - id: a\n"
      "    plugin: zoo.scripted\n"
      "    config:\n"
      "      records: -1\n"
      "      class: odd\n"
      "      recrods: 1\n");

  EXPECT_THAT(planned.mistakes, ElementsAre(HasSubstr("5:16: config/records:"),
                                            HasSubstr("6:14: config/class:"), HasSubstr("7:")));
}

TEST(Plan, RefusesOptionsForACollectorThatTakesNone) {
  const Planned planned(
      "collectors:\n  - { id: a, plugin: zoo.c_minimal, config: { depth: 1 } }\n");

  EXPECT_THAT(planned.mistakes, ElementsAre(HasSubstr("collector zoo takes no options")));
}

TEST(Plan, RefusesACollectorThatThePluginDoesNotHave) {
  const Planned planned("collectors:\n  - { id: a, plugin: zoo.scripted, collector: ape }\n");

  EXPECT_THAT(planned.mistakes,
              ElementsAre(HasSubstr("has no collector \"ape\"; it has: scripted")));
}

TEST(Plan, GivesACollectorWhatItsEntryAndItsOptionsMakeOfItsPermissions) {
  const Planned planned(
      "collectors:\n"
      "  - { id: a, plugin: zoo.numbers, config: { file: /srv/a } }\n"
      "  - { id: b, plugin: zoo.numbers, config: { file: /srv/b }, permissions: { network: [udp] } "
      "}\n"
      "  - { id: c, plugin: zoo.numbers, config: { file: /srv/c }, permissions: { files: [] } }\n");

  EXPECT_THAT(planned.mistakes, IsEmpty());
  ASSERT_THAT(planned.plans, SizeIs(3));
  EXPECT_EQ(to_text(planned.plans[0].permissions), "read /srv/a; write /srv/a");
  EXPECT_EQ(to_text(planned.plans[1].permissions), "read /srv/b; write /srv/b; use UDP");
  EXPECT_EQ(to_text(planned.plans[2].permissions), "nothing");
}

TEST(Plan, RefusesAnOptionThatAPermissionStandsOnAndThatIsNoFullPath) {
  const Planned planned(
      "collectors:\n  - { id: a, plugin: zoo.numbers, config: { file: here/it.txt } }\n");

  EXPECT_THAT(planned.mistakes,
              ElementsAre(AllOf(HasSubstr("2:51: config/file: must be a full path"),
                                HasSubstr("\"{file}:rw\""))));
}

TEST(Plan, LeavesOutWhatIsDisabled) {
  const Planned planned("collectors:\n  - { id: a, plugin: no.such.plugin, enabled: false }\n");

  EXPECT_THAT(planned.mistakes, IsEmpty());
  EXPECT_THAT(planned.plans, IsEmpty());
}

TEST(Plan, RefusesJitterAsLongAsTheIntervalOfThePlugin) {
  const Planned planned("collectors:\n  - { id: a, plugin: zoo.scripted, jitter: 1s }\n");

  EXPECT_THAT(planned.mistakes, ElementsAre(HasSubstr("jitter 1s is not below the interval 1s")));
}

TEST(Plan, ChecksThePipelineOfACollectorAgainstTheManifestOfItsPlugin) {
  const Planned planned(
      "collectors:\n"
      "  - id: a\n"
      "    plugin: zoo.scripted\n"
      "    pipeline:\n"
      "      - rate: { select: { metric: nothing } }\n");

  EXPECT_THAT(planned.mistakes,
              ElementsAre(HasSubstr("5:35: pipeline: no metric has such a name: nothing")));
}

TEST(Plan, AGlobalStageMayFitOneCollectorAndNotTheOther) {
  const std::string collectors =
      "collectors:\n  - { id: a, plugin: zoo.scripted }\n  - { id: b, plugin: zoo.c_minimal }\n";

  EXPECT_THAT(
      Planned("pipeline: [{ rate: { select: { metric: numbered } } }]\n" + collectors).mistakes,
      IsEmpty());
  EXPECT_THAT(
      Planned("pipeline: [{ rate: { select: { metric: nobody } } }]\n" + collectors).mistakes,
      ElementsAre(HasSubstr("1:40: pipeline: no metric has such a name: nobody")));
}

}  // namespace
}  // namespace unity::host
