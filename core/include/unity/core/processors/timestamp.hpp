// Settles the time of a record: its own (RFC 3339 of any offset, or nanoseconds since the epoch),
// else the emission's, else the run's start; always UTC.
#pragma once

#include <memory>

#include "unity/core/ports/processor.hpp"
#include "unity/core/processors/registry.hpp"

namespace unity {

std::unique_ptr<Processor> make_timestamp(const StageContext& context);

}  // namespace unity
