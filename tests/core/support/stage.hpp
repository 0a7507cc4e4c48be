// One stage by itself, from options as they would be in the configuration, but in JSON.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/support/manifest.hpp"
#include "unity/core/processors/registry.hpp"

namespace unity {

// The processors that the list gives for the small manifest, and what is wrong with the list.
struct StageOutcome {
  std::vector<std::string> mistakes;  // "pointer: message"
  std::unique_ptr<Pipeline> pipeline;
};

inline StageOutcome try_pipeline(const std::string& list,
                                 StageContext context = context_of(small_manifest())) {
  const auto parsed = json::parse(list);
  EXPECT_TRUE(parsed) << list;
  std::vector<Problem> problems;
  const auto spec = read_pipeline(*parsed, PipelineLevel::global, problems);
  StageOutcome out;
  out.pipeline = std::make_unique<Pipeline>(make_pipeline(context, spec, {}, problems));
  for (const auto& one : problems) out.mistakes.push_back(one.pointer + ": " + one.message);
  return out;
}

// A stage whose options are right.
inline std::unique_ptr<Processor> make_stage(const std::string& name,
                                             const std::string& options = "",
                                             StageContext context = context_of(small_manifest())) {
  std::vector<Problem> problems;
  const auto list =
      json::parse(options.empty() ? "[\"" + name + "\"]" : "[{\"" + name + "\":" + options + "}]");
  EXPECT_TRUE(list) << options;
  const auto spec = read_pipeline(*list, PipelineLevel::global, problems);
  RecordShapes shapes{context.manifest, &context.manifest->metrics};
  const Selector all;
  StageBuild build(context, shapes, all, PipelineLevel::global, spec.at(0).pointer, problems);
  auto processor = spec.at(0).make(build);
  for (const auto& one : problems) ADD_FAILURE() << one.pointer << ": " << one.message;
  return processor;
}

}  // namespace unity
