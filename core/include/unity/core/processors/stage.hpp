// What a stage of a pipeline is made from, and what it may ask about the records it will see.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "unity/core/model/manifest.hpp"
#include "unity/core/ports/processor.hpp"
#include "unity/core/processors/options.hpp"
#include "unity/core/processors/selector.hpp"

namespace unity {

// One collector instance, as its stages know it. Outlives the stages.
struct StageContext {
  std::shared_ptr<const Manifest> manifest;
  const CollectorSpec* collector = nullptr;  // within the manifest
  std::shared_ptr<const Origin> origin;
  Tags tags;         // the operator's, of this instance and of the whole host
  std::string boot;  // differs after each start of the machine; empty: unknown
};

// While the pipeline of one instance is made, stage after stage. `metrics` is what records look
// like when they reach the stage: at first what the manifest declares; a stage that renames or adds
// fields says so here, and the stages after it are checked against that.
class StageBuild {
 public:
  StageBuild(const StageContext& context, std::vector<MetricSpec>& metrics, const Selector& select,
             PipelineLevel level, const std::string& pointer, std::vector<Problem>& problems)
      : context_(context),
        metrics_(metrics),
        select_(select),
        level_(level),
        pointer_(pointer),
        problems_(problems) {}

  const StageContext& context() const { return context_; }
  // Those that the stage's selector takes.
  std::vector<MetricSpec*> metrics() const;
  // Complains if none of the metrics has such a field; `option` names where it was asked for.
  void need_field(std::string_view field, std::string_view option);
  // `option` is a place within the options of the stage: "fields/x". Empty: the whole.
  void complain(std::string_view option, std::string message);

 private:
  const StageContext& context_;
  std::vector<MetricSpec>& metrics_;
  const Selector& select_;
  PipelineLevel level_;
  const std::string& pointer_;
  std::vector<Problem>& problems_;
};

// Makes the processor of one instance from options that have been read. Null: nothing to do.
using StageMaker = std::function<std::unique_ptr<Processor>(StageBuild&)>;

}  // namespace unity
