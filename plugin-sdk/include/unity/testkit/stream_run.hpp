// Runs stream() of an instance on a thread of its own, with a queue of bounded length behind it:
// emit() waits or is refused until the test takes a batch out. A wait ends by virtual time alone,
// so a test decides whether it does (Host::advance_ns).
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "unity/plugin.h"
#include "unity/testkit/host.hpp"
#include "unity/testkit/instance.hpp"
#include "unity/testkit/records.hpp"

namespace unity::testkit {

class StreamRun {
 public:
  explicit StreamRun(Instance& instance, std::size_t queue_max = 16)
      : instance_(instance), host_(instance.host_), queue_max_(queue_max) {
    if (instance_.collector_.stream == nullptr) {
      throw std::logic_error("the collector is not a streaming one");
    }
    handle_.api = &kApi;
    handle_.self = this;
    thread_ = std::thread([this] { run(); });
  }
  ~StreamRun() {
    if (!thread_.joinable()) return;
    instance_.cancel();
    thread_.join();
  }
  StreamRun(const StreamRun&) = delete;
  StreamRun& operator=(const StreamRun&) = delete;

  // The next batch; waits for it. Its checkpoint becomes the host's durable one. None: stream()
  // has returned and everything is taken.
  std::optional<Batch> take() {
    std::unique_lock lock(host_.mutex_);
    wait(lock, "a batch", [this] { return taken_ < emitted_.size() || over_; });
    if (taken_ == emitted_.size()) return std::nullopt;
    const auto batch = emitted_[taken_++];
    if (!batch.checkpoint.empty()) host_.checkpoint_ = batch.checkpoint;
    host_.changed_.notify_all();
    return batch;
  }
  // Waits until the plugin has said ready(); false: it ended without.
  bool wait_ready() {
    std::unique_lock lock(host_.mutex_);
    wait(lock, "ready()", [this] { return ready_ > 0 || over_; });
    return ready_ > 0;
  }
  // Waits until an emit() finds the queue full; false: the stream ended without.
  bool wait_pressure() {
    std::unique_lock lock(host_.mutex_);
    wait(lock, "an emit() that finds no room",
         [this] { return waiting_ > 0 || refused_ > 0 || over_; });
    return waiting_ > 0 || refused_ > 0;
  }
  // How many times emit() has answered UNITY_E_AGAIN.
  std::size_t refused() const {
    const std::lock_guard lock(host_.mutex_);
    return refused_;
  }

  // Takes everything until the stream ends of itself. The outcome has all batches, also those of
  // a stream that failed: what was taken counts.
  Outcome finish() {
    while (take()) {
    }
    if (thread_.joinable()) thread_.join();
    auto outcome = outcome_;
    outcome.batches = emitted_;
    return outcome;
  }
  // Cancels, and then as finish().
  Outcome stop() {
    instance_.cancel();
    return finish();
  }

 private:
  struct Handle : unity_stream {
    StreamRun* self;
  };
  static StreamRun& of(unity_stream* stream) { return *static_cast<Handle*>(stream)->self; }

  void run() {
    auto outcome = instance_.call(
        [this](unity_call* call) {
          return instance_.collector_.stream(instance_.instance_, call, &handle_);
        },
        false);
    const std::lock_guard lock(host_.mutex_);
    outcome_ = std::move(outcome);
    over_ = true;
    host_.changed_.notify_all();
  }

  // A plugin that hangs must not hang its test.
  template <class Condition>
  void wait(std::unique_lock<std::mutex>& lock, const char* what, Condition condition) {
    if (!host_.changed_.wait_for(lock, std::chrono::seconds(30), condition)) {
      throw std::runtime_error(std::string("waited 30 s for ") + what);
    }
  }

  // ---- the table ----
  static unity_status emit(unity_stream* handle, const unity_batch* batch, std::uint64_t wait_ns) {
    auto& self = of(handle);
    auto& host = self.host_;
    std::unique_lock lock(host.mutex_);
    if (self.over_) return host.breach("stream emit: stream() has returned");
    if (const auto fault = host.fault("stream emit")) return *fault;
    if (const auto status = host.check(batch); status != UNITY_OK) return status;
    if (const auto status = self.wait_for_room(lock, wait_ns); status != UNITY_OK) return status;
    self.emitted_.push_back({batch->dataset, batch->format, Host::copy(batch->data),
                             Host::copy(batch->checkpoint), batch->time_unix_ns});
    host.changed_.notify_all();
    return UNITY_OK;
  }
  unity_status wait_for_room(std::unique_lock<std::mutex>& lock, std::uint64_t wait_ns) {
    const auto room = [this] { return emitted_.size() - taken_ < queue_max_; };
    const auto longest = std::numeric_limits<std::uint64_t>::max() - host_.mono_ns_;
    const auto until = host_.mono_ns_ + std::min(wait_ns, longest);
    const auto stopped = [&] { return host_.mono_ns_ >= until || instance_.token_.fired(); };
    if (!room() && !stopped()) {
      ++waiting_;
      host_.changed_.notify_all();
      host_.changed_.wait(lock, [&] { return room() || stopped(); });
      --waiting_;
    }
    if (room()) return UNITY_OK;
    if (wait_ns > 0 && instance_.token_.fired()) return UNITY_E_CANCELLED;
    ++refused_;
    host_.changed_.notify_all();
    return UNITY_E_AGAIN;
  }
  static unity_status ready(unity_stream* handle) {
    auto& self = of(handle);
    const std::lock_guard lock(self.host_.mutex_);
    if (self.over_) return self.host_.breach("stream ready: stream() has returned");
    if (const auto fault = self.host_.fault("stream ready")) return *fault;
    if (++self.ready_ > 1) return self.host_.breach("stream ready: said more than once");
    self.host_.changed_.notify_all();
    return UNITY_OK;
  }

  static constexpr unity_stream_api kApi = {sizeof(unity_stream_api), 0, emit, ready};

  Instance& instance_;
  Host& host_;
  const std::size_t queue_max_;
  Handle handle_{};
  std::thread thread_;

  // Under the host's lock.
  std::vector<Batch> emitted_;
  std::size_t taken_ = 0;
  std::size_t waiting_ = 0;
  std::size_t refused_ = 0;
  std::size_t ready_ = 0;
  bool over_ = false;
  Outcome outcome_;
};

}  // namespace unity::testkit
