// Lets people watch records on their way through the pipelines, live. Costs a look at one number
// per run while nobody watches.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "unity/core/engine/pipeline.hpp"

namespace unity::host {

struct TapRequest {
  std::string instance;  // empty: all
  std::string stage;     // a stage's name, "read" for records as they come; empty: all
};

// Any thread.
class Taps {
 public:
  // Takes one line of JSON: {"instance", "stage", "action", "reason", "detail", "record"}. Called
  // on pool threads, several at a time.
  using Sink = std::function<void(std::string line)>;

  std::uint64_t add(TapRequest request, Sink sink);
  void remove(std::uint64_t id);

  // For one run of one instance; null if nobody watches it.
  std::unique_ptr<PipelineObserver> observe(const std::string& instance) const;

 private:
  struct Tap {
    std::uint64_t id;
    TapRequest request;
    Sink sink;
  };

  std::atomic<std::size_t> count_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const Tap>> taps_;
  std::uint64_t next_id_ = 1;

  class Observer;
};

}  // namespace unity::host
