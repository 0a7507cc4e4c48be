// The hostile host: the functions behind unity_host, unity_call and unity_stream, written against
// unity/plugin.h alone. It believes nothing: each pointer is probed before it is read, each handle
// looked up by its address, each thread compared. What it sees goes to `breaches`.
//
// There is one in a process, because the ABI's functions are given nothing but a handle.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "check/hostile/breaches.hpp"
#include "check/hostile/memory.hpp"
#include "check/hostile/plan.hpp"
#include "check/shared_page.hpp"
#include "unity/core/base/time.hpp"

namespace unity::check {

struct Batch {
  std::uint32_t dataset = 0;  // UNITY_DATASET_METRICS, or 1 for the first of World::datasets
  std::uint32_t format = 0;
  std::string data;
  std::uint64_t n_rows = 0;
  std::int64_t time_unix_ns = 0;
  std::string checkpoint;
};

struct Failure {
  std::string message;
  std::string code;
  std::uint32_t retry_after_ms = 0;
};

// One instance as the host knows it: its name, and what it left with the host.
struct HostSide {
  std::string name;  // for messages: "instance one"
  const void* handle = nullptr;
};

// One call into the plugin.
struct CallSide {
  std::shared_ptr<HostSide> host;
  std::string name;  // "collect() of one"
  std::thread::id thread;
  std::uint64_t deadline_mono_ns = 0;
  std::atomic<bool> cancelled = false;
  std::atomic<int> fd = -1;
  std::mutex mutex;
  std::vector<Batch> batches;  // under the mutex, as is what follows
  std::optional<Failure> failure;
  unity_status refused = UNITY_OK;  // the first error that a host function answered

  ~CallSide();
  void cancel();
};

struct StreamSide {
  std::shared_ptr<CallSide> call;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Batch> batches;  // under the mutex, as is what follows
  std::uint64_t waiting_bytes = 0;
  std::uint64_t accepted = 0;  // batches
  std::uint64_t pushed_back = 0;
  std::size_t ready = 0;
};

class World {
 public:
  // The process's own.
  static World& get();

  Plan plan;  // set between calls only
  Breaches breaches;
  SharedPage* page = nullptr;
  std::string scenario;                      // what comes before each phase: "scenario 17, "
  Duration grace = std::chrono::seconds(2);  // the plugin's own, from its manifest
  std::vector<std::string> datasets;         // that the manifest declares

  void set_phase(std::string_view text);
  bool fences_texts() const { return plan.fence_texts || plan.poison; }

  // ---- handles, for those who call the plugin ----
  // `what` names it in messages.
  unity_host* add_host(std::shared_ptr<HostSide> side);
  unity_call* add_call(std::shared_ptr<CallSide> side);
  unity_stream* add_stream(std::shared_ptr<StreamSide> side);
  // From now on a use of the handle is a breach.
  void end_host(unity_host* handle);
  void end_call(unity_call* handle);
  void end_stream(unity_stream* handle);

  // ---- what the plugin left here ----
  std::map<std::string, std::string> state() const;
  void set_state(std::map<std::string, std::string> state);
  // Calls that can fail, so far.
  std::int64_t fallible_calls() const { return fallible_; }
  void reset_fallible_calls() { fallible_ = 0; }
  std::uint64_t secrets_given() const { return secrets_given_; }
  std::uint64_t state_calls() const { return state_calls_; }

  std::uint64_t now_mono_ns() const;
  std::int64_t now_unix_ns() const;

  // ---- for the ABI's functions ----
  std::shared_ptr<HostSide> find(unity_host* handle, HostCall call);
  std::shared_ptr<CallSide> find(unity_call* handle, HostCall call);
  std::shared_ptr<StreamSide> find(unity_stream* handle, HostCall call);
  // Whether this one fails, by the plan.
  std::optional<unity_status> fault();
  std::optional<std::string> get_state(const std::string& key);
  void put_state(const std::string& key, std::string value);
  void count_secret() { ++secrets_given_; }

 private:
  struct Handle {
    std::shared_ptr<void> side;
    Lent lent;
    Lent table;
    char kind;  // 'h', 'c', 's'
  };
  void* add(char kind, std::shared_ptr<void> side, const void* table, std::size_t table_size,
            const std::string& what);
  void end(void* handle, const std::string& what, const std::string& when);
  std::shared_ptr<void> find(void* handle, char kind, HostCall call);

  mutable std::mutex mutex_;
  std::map<const void*, Handle> handles_;
  std::map<std::string, std::string> state_;
  std::atomic<std::int64_t> fallible_ = 0;
  std::atomic<std::uint64_t> secrets_given_ = 0;
  std::atomic<std::uint64_t> state_calls_ = 0;
};

// The call that this thread is in, or null: who uses another instance's handle there mixes them up.
CallSide*& current_call();

}  // namespace unity::check
