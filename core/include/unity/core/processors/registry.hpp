// The stages that exist, by name, and the order in which records pass them.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/engine/pipeline.hpp"
#include "unity/core/model/manifest.hpp"

namespace unity {

// What a stage of one collector instance is made from. Outlives the stages.
struct StageContext {
  std::shared_ptr<const Manifest> manifest;
  const CollectorSpec* collector = nullptr;  // within the manifest
  std::shared_ptr<const Origin> origin;
  Tags tags;  // the operator's, of this instance and of the whole host
};

// The pipeline of one instance: the named stages, or all if none is named, in their order.
Pipeline make_pipeline(const StageContext& context,
                       std::initializer_list<std::string_view> only = {});

// The names of the stages in their order: "validate", "timestamp", "rate", "enrich".
std::vector<std::string> stage_names();

}  // namespace unity
