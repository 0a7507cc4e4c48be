// What one run led to, as the runner hands it to delivery.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/core/engine/pipeline.hpp"

namespace unity::host {

struct RunReport {
  std::uint64_t run = 0;
  std::string instance;
  std::string plugin;
  PipelineOutput output;
  std::vector<Record> host_made;  // the host's own records about the run, counted apart
  std::string checkpoint;         // how far the collector is with all of these; empty: no word

  bool empty() const {
    return output.collected == 0 && output.records.empty() && host_made.empty() &&
           checkpoint.empty();
  }
};

// Called once, when everything of the run is durable, or (with an error) when it was refused and
// counted as dropped. On any thread.
using Accepted = std::function<void(Result<void>)>;

}  // namespace unity::host
