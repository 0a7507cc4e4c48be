// One expression of a stage, compiled for each metric that the stage sees: a field of the same name
// may have another type or unit in each.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "unity/core/expression/expression.hpp"
#include "unity/core/processors/stage.hpp"

namespace unity {

class MetricExpressions {
 public:
  // Complains at `option` of the stage, and returns nothing, if the expression is wrong for any
  // metric or null for all of them.
  static std::optional<MetricExpressions> compile(StageBuild& build, std::string_view option,
                                                  const std::string& text,
                                                  const Expression::Wanted& wanted);

  // Null if the metric lacks what the expression needs, so that it would always be null.
  Expression* find(const Name& metric);

 private:
  std::vector<std::pair<Name, std::optional<Expression>>> by_metric_;
  std::optional<Expression> undeclared_;  // for records of metrics that nobody declared
  std::size_t last_ = 0;                  // the one that was asked for last
};

}  // namespace unity
