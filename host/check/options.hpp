// What a check is told beside the file: written by the command into a file that every check reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "unity/core/base/result.hpp"
#include "unity/core/base/time.hpp"
#include "unity/core/json/value.hpp"

namespace unity::check {

struct Options {
  // A collector's options, or an object of them by collector; null: made from the schema.
  json::Value config;
  std::uint64_t seed = 1;
  bool reproduce = false;  // F46: only the scenario of this seed
  Duration fuzz{};         // F46: for how long; zero: a fixed number of scenarios

  json::Value to_json() const;
  static Result<Options> from_json(const json::Value& value);
};

}  // namespace unity::check
