#include "unity/core/model/manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace unity {
namespace {

using namespace std::chrono_literals;
using json::Value;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kComplete = R"({
  "manifest": 1, "id": "unity.test", "version": "1.2.0", "name": "Test", "description": "For tests.",
  "category": "system", "license": "Apache-2.0", "homepage": "https://example.org",
  "abi_min": "1.3", "requires_worker": true,
  "runtime": {"language": "c++", "cancel_grace_ms": 1500},
  "permissions": {}, "datasets": [], "experimental": {},
  "collectors": [
    {"name": "main", "description": "All of it.", "mode": "polled", "concurrency": 1,
     "interval": {"default": "15s", "min": "1s"}, "many_devices": true, "datasets": [],
     "config": {"type": "object", "properties": {"root": {"type": "string", "default": "/"}}}},
    {"name": "other"}],
  "metrics": [
    {"name": "net", "description": "Interfaces.", "fields": [
      {"name": "rx", "description": "Received.", "unit": "By", "kind": "counter"},
      {"name": "load", "unit": "%", "minimum": 0, "maximum": 100.5},
      {"name": "up", "kind": "bool"}, {"name": "state", "kind": "text"}]},
    {"name": "anything", "open": true}]})";

Value complete() { return *json::parse(kComplete); }
Value& element(Value& value, std::string_view name, std::size_t index) {
  return (*value.find(name)->array())[index];
}

std::string problems(const Value& manifest) {
  const auto parsed = parse_manifest(json::dump(manifest));
  return parsed ? "" : parsed.error().message;
}

std::string problems_with(std::string_view name, Value value) {
  auto manifest = complete();
  manifest.set(name, std::move(value));
  return problems(manifest);
}

std::string problems_with_field(std::string_view name, Value value) {
  auto manifest = complete();
  element(element(manifest, "metrics", 0), "fields", 1).set(name, std::move(value));
  return problems(manifest);
}

TEST(Manifest, ReadsThePermissionsAndReportsTheirProblemsWithTheOthers) {
  auto manifest = complete();
  manifest.set("permissions", *json::parse(R"({"files": ["/proc:r"], "state": "1MiB"})"));

  EXPECT_EQ(to_text(parse_manifest(json::dump(manifest))->permissions),
            "read /proc; keep 1MiB of state");
  EXPECT_EQ(parse_manifest(kComplete)->permissions, Permissions{});

  manifest.set("permissions", *json::parse(R"({"network": ["tcp:db1:5432"], "spawn": 3})"));
  EXPECT_THAT(problems(manifest), AllOf(HasSubstr("/permissions/network/0: \"tcp:db1:5432\" names"),
                                        HasSubstr("/permissions/spawn: ")));
}

TEST(Manifest, ReadsACompleteOne) {
  const auto manifest = parse_manifest(kComplete);

  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->id, "unity.test");
  EXPECT_EQ(manifest->version, "1.2.0");
  EXPECT_EQ(manifest->license, "Apache-2.0");
  EXPECT_EQ(manifest->abi_min_major, 1u);
  EXPECT_EQ(manifest->abi_min_minor, 3u);
  EXPECT_TRUE(manifest->requires_worker);
  EXPECT_EQ(manifest->cancel_grace, 1500ms);
  EXPECT_EQ(manifest->document, complete());

  ASSERT_EQ(manifest->collectors.size(), 2u);
  const auto* collector = manifest->find_collector("main");
  ASSERT_NE(collector, nullptr);
  EXPECT_EQ(collector->default_interval, 15s);
  EXPECT_EQ(collector->min_interval, 1s);
  EXPECT_TRUE(collector->many_devices);
  EXPECT_NE(collector->config_schema.find("properties"), nullptr);
  EXPECT_TRUE(manifest->find_collector("other")->config_schema.is_null());
  EXPECT_EQ(manifest->find_collector("mains"), nullptr);
}

TEST(Manifest, ReadsMetricsAndTheirFields) {
  const auto manifest = parse_manifest(kComplete);

  ASSERT_TRUE(manifest) << manifest.error().message;
  const auto* net = manifest->find_metric("net");
  ASSERT_NE(net, nullptr);
  EXPECT_FALSE(net->open);
  EXPECT_EQ(net->find("rx")->kind, Kind::counter);
  EXPECT_EQ(net->find("rx")->unit, "By");
  EXPECT_EQ(net->find("load")->kind, Kind::gauge);
  EXPECT_EQ(net->find("load")->minimum, 0.0);
  EXPECT_EQ(net->find("load")->maximum, 100.5);
  EXPECT_EQ(net->find("up")->kind, Kind::boolean);
  EXPECT_EQ(net->find("state")->kind, Kind::text);
  EXPECT_EQ(net->find("tx"), nullptr);
  EXPECT_TRUE(manifest->find_metric("anything")->open);
}

TEST(Manifest, TheSmallestOneHasDefaults) {
  const auto manifest = parse_manifest(
      R"({"manifest":1,"id":"a","version":"1","name":"A","abi_min":"1.0","collectors":[{"name":"c"}]})");

  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->cancel_grace, 2s);
  EXPECT_FALSE(manifest->requires_worker);
  EXPECT_EQ(manifest->collectors[0].default_interval, std::nullopt);
}

TEST(Manifest, ReportsEveryProblemAtOnceOneALine) {
  const auto manifest = parse_manifest(
      R"({"manifest":2,"id":"a b","abi_min":"one","requires_worker":"yes",
          "collectors":[{"name":"c","mode":"sometimes","interval":{"default":"soon"}}],
          "metrics":[{"name":"m"},{"name":"m","fields":[{"kind":"rate"}]}]})");

  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().code, Errc::invalid);
  const auto& text = manifest.error().message;
  for (const auto* part :
       {"must be 1", "\"id\" may hold letters", "\"version\" is missing", "\"name\" is missing",
        "not of the form \"1.0\"", "\"requires_worker\" must be true or false",
        "/collectors/0: mode \"sometimes\"",
        "/collectors/0/interval: \"default\" must be a duration",
        "/metrics/0: \"fields\" is missing", "/metrics/1/fields/0: \"name\" is missing",
        "/metrics/1/fields/0: kind \"rate\"", "metric \"m\" appears twice"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n') + 1, 12) << text;
}

TEST(Manifest, IsOneJsonObject) {
  EXPECT_THAT(parse_manifest("{").error().message, HasSubstr("not valid JSON"));
  EXPECT_THAT(parse_manifest("[]").error().message, HasSubstr("manifest: must be an object"));
  EXPECT_THAT(problems_with("collectors", 5), HasSubstr("\"collectors\" must be a list"));
  EXPECT_THAT(problems_with("collectors", json::Array{}), HasSubstr("offers no collector"));
  EXPECT_THAT(problems_with("metrics", json::Array{7}), HasSubstr("/metrics/0: must be an object"));
}

TEST(Manifest, SuggestsTheNameThatAnUnknownMemberMayMean) {
  EXPECT_THAT(problems_with("licence", "MIT"),
              HasSubstr("unknown member \"licence\"; did you mean \"license\"?"));
  EXPECT_THAT(problems_with("colour", "red"),
              AllOf(HasSubstr("unknown member \"colour\""), Not(HasSubstr("did you mean"))));
  EXPECT_THAT(problems_with_field("max", 5), HasSubstr("/metrics/0/fields/1: unknown member"));
}

TEST(Manifest, TheFormsVersionIsExactlyOne) {
  for (const auto& bad : {Value(0), Value(2), Value(1.5), Value("1"), Value(true), Value()}) {
    EXPECT_THAT(problems_with("manifest", bad), HasSubstr("must be 1")) << json::dump(bad);
  }
}

TEST(Manifest, FieldsAreOfAKindThatPluginsEmit) {
  for (const auto* good : {"gauge", "counter", "bool", "text"}) {
    EXPECT_EQ(problems_with_field("kind", good), "");
  }
  for (const auto* bad : {"rate", "boolean", "Gauge", "histogram"}) {
    EXPECT_THAT(problems_with_field("kind", bad), HasSubstr("is none of gauge, counter")) << bad;
  }
  EXPECT_THAT(problems_with_field("minimum", "0"), HasSubstr("\"minimum\" must be a number"));
}

TEST(Manifest, ReadsWhatARecordMustHave) {
  auto document = complete();
  auto& metric = element(document, "metrics", 0);
  element(metric, "fields", 1).set("required", true);
  element(metric, "fields", 3).set("required", true);
  element(metric, "fields", 3).set("enum", json::Array{"up", 1, true});
  metric.set("schema", *json::parse(R"({"type": "object"})"));
  metric.set("summary", "load {load:.1f} on {tags.if}");

  const auto manifest = parse_manifest(json::dump(document));

  ASSERT_TRUE(manifest) << manifest.error().message;
  const auto* net = manifest->find_metric("net");
  EXPECT_TRUE(net->find("load")->required);
  EXPECT_FALSE(net->find("rx")->required);
  EXPECT_EQ(net->required, 2u);
  EXPECT_TRUE(net->find("load")->allowed.empty());
  EXPECT_EQ(net->find("state")->allowed,
            (std::vector<FieldValue>{std::string("up"), std::int64_t{1}, true}));
  EXPECT_EQ(net->schema, *json::parse(R"({"type": "object"})"));
  EXPECT_EQ(net->summary, "load {load:.1f} on {tags.if}");
}

TEST(Manifest, MistakesInWhatARecordMustHaveAreFound) {
  EXPECT_THAT(problems_with_field("required", "yes"),
              HasSubstr("/metrics/0/fields/1: \"required\" must be true or false"));
  EXPECT_THAT(problems_with_field("enum", 5), HasSubstr("\"enum\" must be a list"));
  EXPECT_THAT(problems_with_field("enum", json::Array{json::Array{}}),
              HasSubstr("\"enum\" may hold numbers, text and booleans"));

  const auto problems_with_metric = [](std::string_view name, Value value) {
    auto manifest = complete();
    element(manifest, "metrics", 0).set(name, std::move(value));
    return problems(manifest);
  };
  EXPECT_THAT(problems_with_metric("schema", *json::parse(R"({"typ": "object"})")),
              HasSubstr("/metrics/0/schema: "));
  EXPECT_THAT(problems_with_metric("summary", "{lod}"),
              HasSubstr("/metrics/0/summary: there is no field \"lod\""));
  EXPECT_THAT(problems_with_metric("summary", "{load"), HasSubstr("/metrics/0/summary: "));
}

TEST(Manifest, NamesThatBeginWithAnUnderscoreBelongToTheHost) {
  auto metric = complete();
  element(metric, "metrics", 1).set("name", "_runs");
  EXPECT_THAT(problems(metric), HasSubstr("/metrics/1: names that begin with '_'"));

  EXPECT_THAT(problems_with_field("name", "_summary"),
              HasSubstr("/metrics/0/fields/1: names that begin with '_'"));
}

TEST(Manifest, SaysTheFirstProblemsAndHowManyMore) {
  auto manifest = complete();
  for (int i = 0; i < 50; ++i) manifest.set("unknown" + std::to_string(i), 1);
  const auto fifty = problems(manifest);
  EXPECT_EQ(std::count(fifty.begin(), fifty.end(), '\n'), 49);
  EXPECT_THAT(fifty, Not(HasSubstr("more")));

  manifest.set("id", 5);
  manifest.set("name", 5);
  EXPECT_EQ(problems(manifest), fifty + "\nand 2 more");
}

TEST(Manifest, NamesAppearOnce) {
  EXPECT_THAT(problems_with_field("name", "rx"), HasSubstr("field \"rx\" appears twice"));
  auto collectors = complete();
  element(collectors, "collectors", 1).set("name", "main");
  EXPECT_THAT(problems(collectors), HasSubstr("collector \"main\" appears twice"));
}

TEST(Manifest, AbiMinIsTwoNumbers) {
  for (const auto* good : {"1.0", "1.12", "2.0"}) EXPECT_EQ(problems_with("abi_min", good), "");
  for (const auto* bad : {"1", "1.", ".1", "1.0.0", "a.b", "-1.0", "+1.0", " 1.0", "1.0 ", "1,0",
                          "99999999999.0", "1.x"}) {
    EXPECT_THAT(problems_with("abi_min", bad), HasSubstr("not of the form \"1.0\"")) << bad;
  }
  EXPECT_THAT(problems_with("abi_min", 1.0), HasSubstr("\"abi_min\" must be text"));
}

TEST(Manifest, TheGraceIsBounded) {
  const auto with_grace = [](Value grace) {
    return problems_with("runtime", json::Object{{"cancel_grace_ms", std::move(grace)}});
  };
  EXPECT_EQ(with_grace(0), "");
  EXPECT_EQ(with_grace(60'000), "");
  EXPECT_THAT(with_grace(60'001), HasSubstr("must be 0..60000"));
  EXPECT_THAT(with_grace(-1), HasSubstr("must be 0..60000"));
  EXPECT_THAT(with_grace("2s"), HasSubstr("must be a number"));
  EXPECT_THAT(problems_with("runtime", "c++"), HasSubstr("runtime: must be an object"));
}

TEST(Manifest, AConfigSchemaMustCompile) {
  auto manifest = complete();
  element(manifest, "collectors", 0).set("config", json::Object{{"tpye", "object"}});
  EXPECT_THAT(problems(manifest), HasSubstr("/collectors/0/config: "));
}

}  // namespace
}  // namespace unity
