// Options made from a schema fit that schema, whatever it asks for.
#include "check/behaviour/configs.hpp"

#include <gtest/gtest.h>

#include "unity/core/json/schema.hpp"

namespace unity::check {
namespace {

CollectorSpec collector(std::string_view schema) {
  CollectorSpec spec;
  spec.name = "one";
  spec.config_schema = *json::parse(schema);
  return spec;
}

constexpr std::string_view kSchema = R"({
  "type": "object", "additionalProperties": false, "required": ["host", "ports", "password"],
  "properties": {
    "host": {"type": "string", "minLength": 3, "maxLength": 20},
    "ports": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 65535},
              "minItems": 2, "uniqueItems": true},
    "password": {"$ref": "unity:secret"},
    "timeout": {"$ref": "unity:duration", "default": "5s"},
    "mode": {"enum": ["fast", "slow"]},
    "share": {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
  }})";

bool fits(const CollectorSpec& spec, json::Value config) {
  return json::Schema::compile(spec.config_schema)->check(config).empty();
}

TEST(Configs, TheUsualOneHasWhatIsRequiredAndTheDefaults) {
  const auto spec = collector(kSchema);

  const auto config = usual_config(spec, json::Value());

  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(fits(spec, *config));
  EXPECT_EQ(*config->find("timeout"), "5s");
  EXPECT_EQ(config->find("mode"), nullptr);
}

TEST(Configs, WhatIsGivenIsUsedAndForACollectorByItsNameToo) {
  const auto spec = collector(R"({"type": "object", "properties": {"n": {"type": "integer"}}})");

  EXPECT_EQ(json::dump(*usual_config(spec, *json::parse(R"({"n": 5})"))), R"({"n":5})");
  EXPECT_EQ(json::dump(*usual_config(spec, *json::parse(R"({"one": {"n": 6}})"))), R"({"n":6})");
  EXPECT_FALSE(usual_config(spec, *json::parse(R"({"n": "many"})")));
}

TEST(Configs, EachBoundIsTriedAndFits) {
  const auto spec = collector(kSchema);

  const auto configs = bound_configs(spec, *usual_config(spec, json::Value()));

  const auto tried = [&](std::string_view name, const json::Value& value) {
    return std::any_of(configs.begin(), configs.end(), [&](const LabelledConfig& one) {
      const auto* found = one.config.find(name);
      return found != nullptr && *found == value;
    });
  };
  for (const auto& one : configs) EXPECT_TRUE(fits(spec, one.config)) << one.label;
  EXPECT_TRUE(tried("host", "aaa"));
  EXPECT_TRUE(tried("host", std::string(20, 'a')));
  EXPECT_TRUE(tried("mode", "fast"));
  EXPECT_TRUE(tried("mode", "slow"));
  EXPECT_TRUE(tried("share", 1));
}

TEST(Configs, RandomOnesFitAndFollowFromTheirSeed) {
  const auto spec = collector(kSchema);
  const auto usual = *usual_config(spec, json::Value());

  Random first(3), second(3);
  for (int i = 0; i < 200; ++i) {
    const auto config = random_config(spec, usual, first);
    EXPECT_TRUE(fits(spec, config)) << json::dump(config);
    EXPECT_EQ(config, random_config(spec, usual, second));
  }
}

}  // namespace
}  // namespace unity::check
