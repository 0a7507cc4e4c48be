// The manifests of the bundled plugins declare all that they read: confined to it, each tells the
// same as without.
#include <gmock/gmock.h>

#include <cstdio>
#include <set>
#include <sstream>

#include "unity/core/model/manifest.hpp"
#include "unity/testkit.hpp"
#include "worker/confined_child.hpp"

namespace unity::worker {
namespace {

// As the host would fill them in.
std::string with_defaults(const Manifest& manifest) {
  json::Value options{json::Object()};
  const auto schema = json::Schema::compile(manifest.collectors.front().config_schema);
  EXPECT_THAT(schema->check(options), ::testing::IsEmpty());
  return json::dump(options);
}

// "metric.field" of all that the first run emits (what later ones add depends on how much time has
// passed); empty if it failed.
std::set<std::string> collect_names(const std::string& library, const std::string& options) {
  testkit::Host host;
  const auto plugin = testkit::Plugin::load(library);
  testkit::Instance instance(host, plugin, options);
  const auto outcome = instance.collect();
  if (outcome.status != UNITY_OK) {
    std::fprintf(stderr, "%s: %s\n", library.c_str(), outcome.message.c_str());
    return {};
  }
  std::set<std::string> names;
  std::istringstream lines(outcome.text());
  for (std::string line; std::getline(lines, line);) {
    const auto record = *json::parse(line);
    for (const auto& [field, value] : *record.find("values")->object()) {
      names.insert(*record.find("metric")->string() + "." + field);
    }
  }
  return names;
}

class ConfineBundled : public Confine {};

TEST_P(ConfineBundled, PluginsReadNothingThatTheyDoNotDeclare) {
  UNITY_NEEDS_LANDLOCK(1);
  for (const auto* library : {SYSTEM_PLUGIN, DISK_PLUGIN, NETWORK_PLUGIN, PROCESS_PLUGIN}) {
    const auto manifest = parse_manifest(testkit::Plugin::load(library).manifest());
    ASSERT_TRUE(manifest) << manifest.error().message;
    const auto options = with_defaults(*manifest);
    std::vector<PermissionProblem> problems;
    const auto permissions =
        resolve_options(manifest->permissions, *json::parse(options), problems);
    const auto confinement = host::confinement_of(permissions, {});
    ASSERT_TRUE(confinement);
    const auto expected = collect_names(library, options);
    ASSERT_FALSE(expected.empty());

    const auto outcome = run_confined(*confinement, GetParam(), [&] {
      const auto names = collect_names(library, options);
      for (const auto& name : expected) {
        if (!names.contains(name)) std::fprintf(stderr, "without %s\n", name.c_str());
      }
      for (const auto& name : names) {
        if (!expected.contains(name)) std::fprintf(stderr, "with %s\n", name.c_str());
      }
      return names == expected ? 0 : 1000;
    });

    EXPECT_EQ(outcome.error, 0) << library;
    EXPECT_THAT(outcome.denials, ::testing::IsEmpty()) << library;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ConfineBundled, ::testing::Values(User::same, User::nobody), name_of);

}  // namespace
}  // namespace unity::worker
