// Adds what the operator and the host know: the tags of instance and host (a record's own tags
// win), the device it speaks of, and its summary as text beside the numbers. A record of nothing
// but nulls says nothing and is dropped as "empty".
#pragma once

#include <memory>

#include "unity/core/ports/processor.hpp"
#include "unity/core/processors/registry.hpp"

namespace unity {

std::unique_ptr<Processor> make_enrich(const StageContext& context);

}  // namespace unity
