#include "unity/core/processors/stage.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "unity/core/base/suggest.hpp"

namespace unity {

std::vector<const MetricSpec*> StageBuild::metrics() const {
  std::vector<const MetricSpec*> taken;
  for (const auto& metric : *shapes_) {
    if (select_.metric.take(metric.name)) taken.push_back(&metric);
  }
  return taken;
}

void StageBuild::change(const std::function<void(MetricSpec&)>& how) {
  auto changed = std::make_shared<std::vector<MetricSpec>>(*shapes_);
  for (auto& metric : *changed) {
    if (select_.metric.take(metric.name)) how(metric);
  }
  shapes_ = std::move(changed);
}

void StageBuild::need_field(std::string_view field, std::string_view option) {
  std::vector<std::string> known;
  std::vector<std::string> names;
  for (const auto* metric : metrics()) {
    if (metric->open || metric->find(field) != nullptr) return;
    names.push_back(metric->name);
    for (const auto& spec : metric->fields) known.push_back(spec.name);
  }
  const auto near = nearest(field, known);
  complain(option, fmt::format("no metric here ({}) has a field \"{}\"{}", fmt::join(names, ", "),
                               field, near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
}

void StageBuild::complain(std::string_view option, std::string message) {
  auto pointer = pointer_;
  if (!option.empty()) pointer += fmt::format("/{}", option);
  problems_.push_back({level_, std::move(pointer), false, std::move(message)});
}

}  // namespace unity
