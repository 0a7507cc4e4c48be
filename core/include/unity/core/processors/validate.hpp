// Checks a record against the manifest, and gives its fields their kind and unit. An undeclared
// metric, an undeclared field (unless the metric is open), a value of the wrong type or out of
// range rejects the record.
#pragma once

#include <memory>

#include "unity/core/ports/processor.hpp"
#include "unity/core/processors/registry.hpp"

namespace unity {

std::unique_ptr<Processor> make_validate(const StageContext& context);

}  // namespace unity
