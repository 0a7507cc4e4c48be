// Turns counters into rates per second. The field keeps its name and gets kind `rate` and unit
// `X/s`. The first value of a counter, and the first after a reset, has no rate: its field is left
// out, and a record of which nothing is left is dropped as "first of a rate".
#pragma once

#include <memory>

#include "unity/core/ports/processor.hpp"
#include "unity/core/processors/registry.hpp"

namespace unity {

std::unique_ptr<Processor> make_rate(const StageContext& context);

}  // namespace unity
