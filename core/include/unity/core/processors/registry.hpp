// Pipelines from lists of stages. The order in which a list is written is the order in which
// records pass; docs/pipeline.md describes every stage.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/engine/pipeline.hpp"
#include "unity/core/processors/stage.hpp"

namespace unity {

// The place of an instance's own list within the global one; not a stage itself.
inline constexpr std::string_view kCollectorStages = "collector";

// One entry of a list of stages, its options read.
struct StageSpec {
  std::string name;
  PipelineLevel level = PipelineLevel::global;
  std::string pointer;  // of its options within the list
  Selector select;
  StageMaker make;  // none for the word `collector`
};
using PipelineSpec = std::vector<StageSpec>;

// Reads a list whose entries are the name of a stage, or a mapping with that name alone whose value
// is the options. Mistakes are added to `problems`, and what is wrong is left out.
PipelineSpec read_pipeline(const json::Value& list, PipelineLevel level,
                           std::vector<Problem>& problems);

// What runs where no list is written: validate, timestamp, rate, collector, enrich, summary.
const PipelineSpec& default_pipeline();

// The pipeline of one instance: the global list, in which its own stands in place of the word
// `collector`. Options that do not fit the manifest are added to `problems`.
Pipeline make_pipeline(const StageContext& context, const PipelineSpec& global,
                       const PipelineSpec& own, std::vector<Problem>& problems);

// The named stages without options, in this order; with no names, the default pipeline.
Pipeline make_pipeline(const StageContext& context,
                       std::initializer_list<std::string_view> only = {});

// The names of all stages that exist.
std::vector<std::string> stage_names();

}  // namespace unity
