// Sends dead letters on their way again: one that a storage refused straight to the storages, one
// that a stage refused through the stages of its collector.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "delivery/delivery.hpp"
#include "runtime/event_loop.hpp"
#include "runtime/worker_pool.hpp"
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

struct ReplayRequest {
  std::uint64_t run = 0;  // what the records count as
  std::vector<std::int64_t> letters;
  MakePipeline make_pipeline;                       // called on the control thread
  std::function<void(Result<ReplayOutcome>)> done;  // the same; records are durable, letters gone
};

// To be called on the control thread, which it does not hold up: letters are read, taken through
// stages and removed on the pool. `delivery` and `loop` outlive the threads of the pool. Never done
// if the host ends first; then the letters are still there, and what was taken is recognised when
// it comes again.
void replay(Delivery& delivery, EventLoop& loop, WorkerPool& pool, ReplayRequest request);

}  // namespace unity::host
