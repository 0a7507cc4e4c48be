// Options for a collector, made from the JSON Schema in its manifest.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "unity/core/json/value.hpp"
#include "unity/core/model/manifest.hpp"

namespace unity::check {

using Random = std::mt19937_64;

// What the checks use where the options do not matter: what was given by --config (`given`: the
// options themselves, or an object of them by collector), else the smallest that the schema allows.
// Fails if neither fits the schema.
Result<json::Value> usual_config(const CollectorSpec& spec, const json::Value& given);

struct LabelledConfig {
  std::string label;  // "top = 100"
  json::Value config;
};

// Each property at each of its bounds, its choices and its examples, the others as in `usual`. All
// of them fit the schema.
std::vector<LabelledConfig> bound_configs(const CollectorSpec& spec, const json::Value& usual);

// Any that fits.
json::Value random_config(const CollectorSpec& spec, const json::Value& usual, Random& random);

}  // namespace unity::check
