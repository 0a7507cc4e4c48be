#include "unity/core/processors/stage.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "unity/core/base/suggest.hpp"

namespace unity {
namespace {

// `field` may be a pattern where the option takes patterns; names do not have its characters.
bool has(const MetricSpec& metric, std::string_view field) {
  return std::any_of(metric.fields.begin(), metric.fields.end(),
                     [&](const FieldSpec& spec) { return matches_glob(field, spec.name); });
}

}  // namespace

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
    if (metric->open || has(*metric, field)) return;
    names.push_back(metric->name);
    for (const auto& spec : metric->fields) known.push_back(spec.name);
  }
  const auto near = nearest(field, known);
  complain(option, fmt::format("no metric here ({}) has a field \"{}\"{}", fmt::join(names, ", "),
                               field, near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
}

void StageBuild::need_metric(std::string_view metric, std::string_view option) {
  std::vector<std::string> known;
  for (const auto* spec : metrics()) {
    if (spec->name == metric) return;
    known.push_back(spec->name);
  }
  const auto near = nearest(metric, known);
  complain(option, fmt::format("there is no metric \"{}\" here{}", metric,
                               near ? fmt::format("; did you mean \"{}\"?", *near)
                                    : fmt::format("; there are {}", fmt::join(known, ", "))));
}

void StageBuild::complain(std::string_view option, std::string message) {
  auto pointer = pointer_;
  if (!option.empty()) pointer += fmt::format("/{}", option);
  problems_.push_back({level_, std::move(pointer), false, std::move(message)});
}

}  // namespace unity
