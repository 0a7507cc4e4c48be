// What a stage of a pipeline is made from, and what it may ask about the records it will see.
#pragma once

#include <functional>
#include <memory>
#include <optional>
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
  Tags tags;                               // the operator's, of this instance and of the whole host
  std::vector<DatasetSpec> datasets = {};  // the operator's own, which records fill
  std::string boot;  // differs after each start of the machine; empty: unknown
  // Records are refused that are older than this when they are emitted, or from the future;
  // nothing: whatever their time.
  std::optional<Duration> late_window = {};
};

// What records look like at a place in the pipeline: at first what the manifest declares. Shared
// with the manifest for as long as no stage changes it, as there may be ten thousand instances.
using RecordShapes = std::shared_ptr<const std::vector<MetricSpec>>;

// While the pipeline of one instance is made, stage after stage. A stage that renames or adds
// fields says so here, and the stages after it are checked against that.
class StageBuild {
 public:
  StageBuild(const StageContext& context, RecordShapes& shapes, const Selector& select,
             PipelineLevel level, const std::string& pointer, std::vector<Problem>& problems)
      : context_(context),
        shapes_(shapes),
        select_(select),
        level_(level),
        pointer_(pointer),
        problems_(problems) {}

  const StageContext& context() const { return context_; }
  // Those that the stage's selector takes.
  std::vector<const MetricSpec*> metrics() const;
  // All of them, as they are before this stage.
  RecordShapes shapes() const { return shapes_; }
  // Changes those that the selector takes, for the stages after this one.
  void change(const std::function<void(MetricSpec&)>& how);
  // Complains if none of the metrics has such a field; `option` names where it was asked for.
  void need_field(std::string_view field, std::string_view option);
  // Complains if none of the metrics has this name.
  void need_metric(std::string_view metric, std::string_view option);
  // `option` is a place within the options of the stage: "fields/x". Empty: the whole.
  void complain(std::string_view option, std::string message);

 private:
  const StageContext& context_;
  RecordShapes& shapes_;
  const Selector& select_;
  PipelineLevel level_;
  const std::string& pointer_;
  std::vector<Problem>& problems_;
};

// Makes the processor of one instance from options that have been read. Null: nothing to do.
using StageMaker = std::function<std::unique_ptr<Processor>(StageBuild&)>;

}  // namespace unity
