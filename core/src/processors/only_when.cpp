#include "only_when.hpp"

namespace unity {
namespace {

class OnlyWhen : public Processor {
 public:
  OnlyWhen(MetricExpressions condition, std::unique_ptr<Processor> inner)
      : condition_(std::move(condition)), inner_(std::move(inner)) {}

  Verdict process(Record& record, const RunContext& context) override {
    auto* condition = condition_.find(record.metric);
    if (condition == nullptr || !condition->evaluate(record).is_true()) return Verdict::keep();
    return inner_->process(record, context);
  }

  std::string save() const override { return inner_->save(); }
  void restore(std::string_view saved) override { inner_->restore(saved); }
  std::vector<Condition> conditions() const override { return inner_->conditions(); }

 private:
  MetricExpressions condition_;
  std::unique_ptr<Processor> inner_;
};

}  // namespace

std::optional<MetricExpressions> compile_when(StageBuild& build, const std::string& text) {
  return MetricExpressions::compile(build, "select/when", text, {ValueType::boolean, {}});
}

std::unique_ptr<Processor> only_when(MetricExpressions condition,
                                     std::unique_ptr<Processor> inner) {
  return std::make_unique<OnlyWhen>(std::move(condition), std::move(inner));
}

}  // namespace unity
