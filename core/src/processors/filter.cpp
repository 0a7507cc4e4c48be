#include "metric_expressions.hpp"
#include "stages.hpp"

namespace unity {
namespace {

constexpr std::string_view kFiltered = "filtered";

// Keeps, or drops, the records for which a condition is true. One that is null is not true.
class Filter : public Processor {
 public:
  Filter(MetricExpressions condition, bool keeps)
      : condition_(std::move(condition)), keeps_(keeps) {}

  Verdict process(Record& record, const RunContext&) override {
    auto* condition = condition_.find(record.metric);
    const bool holds = condition != nullptr && condition->evaluate(record).is_true();
    return holds == keeps_ ? Verdict::keep() : Verdict::drop(std::string(kFiltered));
  }

 private:
  MetricExpressions condition_;
  bool keeps_;
};

}  // namespace

StageMaker read_filter(Options& options) {
  const auto keep = options.text("keep");
  const auto drop = options.text("drop");
  if (keep.has_value() == drop.has_value()) {
    options.complain("", "needs one of `keep` and `drop`, with a condition");
  }
  const std::string name = keep ? "keep" : "drop";
  return [name, text = keep ? keep : drop](StageBuild& build) -> std::unique_ptr<Processor> {
    if (!text) return nullptr;
    auto condition = MetricExpressions::compile(build, name, *text, {ValueType::boolean, {}});
    if (!condition) return nullptr;
    return std::make_unique<Filter>(std::move(*condition), name == "keep");
  };
}

}  // namespace unity
