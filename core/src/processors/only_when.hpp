// A stage that is for some records only: those for which the condition of its selector holds.
// Private to core/src/processors.
#pragma once

#include <memory>

#include "metric_expressions.hpp"
#include "unity/core/ports/processor.hpp"

namespace unity {

// The condition that the option `select/when` of the stage under construction holds. Nothing, with
// a complaint, if it is wrong.
std::optional<MetricExpressions> compile_when(StageBuild& build, const std::string& text);

// `inner` for the records for which `condition` is true; the others pass as they are. A condition
// that comes to null is not true.
std::unique_ptr<Processor> only_when(MetricExpressions condition, std::unique_ptr<Processor> inner);

}  // namespace unity
