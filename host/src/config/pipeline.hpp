// The lists of stages that the configuration holds.
#pragma once

#include "config/located_value.hpp"
#include "unity/core/processors/registry.hpp"

namespace unity::host {

struct PipelineConfig {
  PipelineSpec stages;
  LocatedValue source;
  Location location;     // of the list
  bool written = false;  // it is in the file
};

// Adds each problem to `diagnostics`, at its place in one of the two lists.
void report_problems(const std::vector<Problem>& problems, const PipelineConfig& global,
                     const PipelineConfig& own, Diagnostics& diagnostics);

}  // namespace unity::host
