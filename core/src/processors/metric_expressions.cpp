#include "metric_expressions.hpp"

#include <fmt/format.h>

namespace unity {

std::optional<MetricExpressions> MetricExpressions::compile(StageBuild& build,
                                                            std::string_view option,
                                                            const std::string& text,
                                                            const Expression::Wanted& wanted) {
  MetricExpressions out;
  const auto metrics = build.metrics();
  bool useful = metrics.empty();
  for (const auto* metric : metrics) {
    auto expression = Expression::compile(text, {metric, metrics}, wanted);
    if (!expression) {
      const auto where = metrics.size() > 1 ? fmt::format(" (for metric {})", metric->name) : "";
      build.complain(option, fmt::format("`{}`: {}{}", text, expression.error().message, where));
      return std::nullopt;
    }
    auto& place = out.by_metric_.emplace_back(metric->name, std::nullopt);
    if (expression->always_null()) continue;
    place.second = std::move(*expression);
    useful = true;
  }
  if (!useful) {
    build.complain(option, fmt::format("`{}`: no metric has all the fields that it needs", text));
    return std::nullopt;
  }
  // Where no unit is known, a wanted one would be put on numbers that may be in another.
  if (wanted.unit && !metrics.empty()) return out;
  auto undeclared = Expression::compile(text, Scope{}, wanted);
  if (undeclared) {
    out.undeclared_ = std::move(*undeclared);
  } else if (metrics.empty()) {
    build.complain(option, fmt::format("`{}`: {}", text, undeclared.error().message));
    return std::nullopt;
  }
  return out;
}

Expression* MetricExpressions::find(const Name& metric) {
  const auto pointer = [](std::optional<Expression>& held) { return held ? &*held : nullptr; };
  if (last_ < by_metric_.size() && by_metric_[last_].first == metric) {
    return pointer(by_metric_[last_].second);
  }
  for (std::size_t i = 0; i < by_metric_.size(); ++i) {
    if (by_metric_[i].first != metric) continue;
    last_ = i;
    return pointer(by_metric_[i].second);
  }
  return pointer(undeclared_);
}

}  // namespace unity
