#include <fmt/format.h>

#include "config/options.hpp"
#include "config/sections.hpp"

namespace unity::host {

void read_pipeline(const Entry& entry, PipelineLevel level, PipelineConfig& pipeline,
                   Diagnostics& diagnostics) {
  if (entry.value.kind == Node::Kind::null) return;
  pipeline.source = read_options(entry.value);
  pipeline.location = entry.value.place.location();
  pipeline.written = true;
  std::vector<Problem> problems;
  pipeline.stages = unity::read_pipeline(pipeline.source.value, level, problems);
  report_problems(problems, pipeline, pipeline, diagnostics);
}

void report_problems(const std::vector<Problem>& problems, const PipelineConfig& global,
                     const PipelineConfig& own, Diagnostics& diagnostics) {
  for (const auto& problem : problems) {
    const auto& list = problem.level == PipelineLevel::global ? global : own;
    diagnostics.error(problem.at_key ? list.source.locate_key(problem.pointer, list.location)
                                     : list.source.locate(problem.pointer, list.location),
                      fmt::format("pipeline: {}", problem.message));
  }
}

}  // namespace unity::host
