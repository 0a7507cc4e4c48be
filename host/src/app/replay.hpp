// Sends dead letters on their way again: one that a storage refused straight to the storages, one
// that a stage refused through the stages of its collector.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "delivery/delivery.hpp"
#include "unity/core/engine/pipeline.hpp"

namespace unity::host {

struct ReplayRefusal {
  std::int64_t letter = 0;
  std::string reason;
};

struct ReplayOutcome {
  std::uint64_t replayed = 0;
  std::vector<ReplayRefusal> refused;  // these letters stay
};

// Makes the stages of a collector anew; null if there is no such collector any more. They remember
// nothing, so a counter in a letter has no rate.
using MakePipeline = std::function<std::unique_ptr<Pipeline>(const std::string& instance)>;

// Calls `done` once the records are durable and their letters removed; on any thread, perhaps
// before this returns.
void replay(Delivery& delivery, std::uint64_t run, const std::vector<std::int64_t>& letters,
            const MakePipeline& make_pipeline, std::function<void(Result<ReplayOutcome>)> done);

}  // namespace unity::host
