// A host for tests: its time is virtual, its stores are in memory, and any of its answers can be
// made to fail. It outlives the instances that are made in it; a second instance finds the state
// and the checkpoint of the first, as after a restart. Every function may be called from any
// thread.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "unity/plugin.h"
#include "unity/testkit/token.hpp"

namespace unity::testkit {

struct LogLine {
  std::uint32_t level;
  std::string message;
  std::string fields_json;
};

// The limits of the ABI.
inline constexpr std::size_t kBatchSizeMax = std::size_t{16} << 20;
inline constexpr std::size_t kCheckpointSizeMax = std::size_t{64} << 10;
inline constexpr std::size_t kStateValueSizeMax = std::size_t{256} << 10;

class Host {
 public:
  Host() = default;
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // ---- what a test arranges ----
  void put_secret(const std::string& name, const std::string& bytes) {
    const std::lock_guard lock(mutex_);
    secrets_[name] = bytes;
  }
  void put_state(const std::string& key, const std::string& value) {
    const std::lock_guard lock(mutex_);
    state_[key] = value;
  }
  void set_state_quota(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    state_quota_ = bytes;
  }
  void put_checkpoint(const std::string& checkpoint) {
    const std::lock_guard lock(mutex_);
    checkpoint_ = checkpoint;
  }
  // A dataset beside "metrics", which is 0.
  void put_dataset(const std::string& name, std::uint32_t index) {
    const std::lock_guard lock(mutex_);
    datasets_[name] = index;
  }
  void set_log_min_level(std::uint32_t level) {
    const std::lock_guard lock(mutex_);
    log_min_level_ = level;
  }

  // ---- time: stands still unless moved ----
  void advance_ns(std::uint64_t ns) {
    const std::lock_guard lock(mutex_);
    mono_ns_ += ns;
    unix_ns_ += static_cast<std::int64_t>(ns);
    fire_overdue();
    changed_.notify_all();
  }
  // Moves the clock by that much each time a plugin reads it, so that waiting loops end.
  void tick_ns(std::uint64_t ns) {
    const std::lock_guard lock(mutex_);
    tick_ns_ = ns;
  }
  // A jump of the wall clock; the monotonic one goes on.
  void set_unix_ns(std::int64_t ns) {
    const std::lock_guard lock(mutex_);
    unix_ns_ = ns;
  }
  // Each call but stream() gets a deadline that far in the future. 0: none.
  void set_timeout_ns(std::uint64_t ns) {
    const std::lock_guard lock(mutex_);
    timeout_ns_ = ns;
  }

  // ---- trouble ----
  // The n-th call that can fail, counted from 1, answers `status` and does nothing.
  void fail_call(std::size_t n, unity_status status) {
    const std::lock_guard lock(mutex_);
    fault_at_ = n;
    fault_ = status;
  }
  // Cancels whatever runs at the n-th question of any kind that is put to the host from now on.
  void cancel_at(std::size_t n) {
    const std::lock_guard lock(mutex_);
    cancel_at_ = questions_ + n;
  }

  // ---- what a test asks afterwards ----
  std::optional<std::string> state(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = state_.find(key);
    return found == state_.end() ? std::nullopt : std::optional(found->second);
  }
  // The last durable one.
  std::string checkpoint() const {
    const std::lock_guard lock(mutex_);
    return checkpoint_;
  }
  std::vector<LogLine> log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  // What the plugin did against the rules of the ABI. Let each test end by expecting none.
  std::vector<std::string> breaches() const {
    const std::lock_guard lock(mutex_);
    return breaches_;
  }
  // Calls that can fail, so far.
  std::size_t calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  // The call that fail_call() has hit; empty: none yet.
  std::string fault_hit() const {
    const std::lock_guard lock(mutex_);
    return fault_hit_;
  }
  // Has the plugin said of anything that it went wrong: by a status or by a warning?
  bool trouble_reported() const {
    const std::lock_guard lock(mutex_);
    return trouble_reported_;
  }

 private:
  friend class Instance;
  friend class StreamRun;

  // The handle that plugins hold leads back here.
  struct Handle : unity_host {
    Host* self;
  };

  static Host& of(unity_host* host) { return *static_cast<Handle*>(host)->self; }
  static std::string copy(unity_str text) {
    return text.len == 0 ? std::string() : std::string(text.ptr, text.len);
  }

  // ---- under the lock ----
  void ask() {
    if (++questions_ == cancel_at_) {
      for (auto& [token, deadline] : running_) token->fire();
      changed_.notify_all();
    }
  }
  // Counts a call that can fail; the status that it is to answer in place of doing its work.
  std::optional<unity_status> fault(const char* name) {
    ask();
    if (++calls_ != fault_at_) return std::nullopt;
    fault_hit_ = name;
    return fault_;
  }
  void fire_overdue() {
    for (auto& [token, deadline] : running_) {
      if (deadline != 0 && mono_ns_ >= deadline) token->fire();
    }
  }
  void read_clock() {
    ask();
    mono_ns_ += tick_ns_;
    unix_ns_ += static_cast<std::int64_t>(tick_ns_);
    if (tick_ns_ > 0) fire_overdue();
  }
  unity_status breach(std::string what) {
    breaches_.push_back(std::move(what));
    return UNITY_E_INVALID;
  }
  unity_status check(const unity_batch* batch) {
    if (batch == nullptr || batch->struct_size < sizeof *batch) {
      return breach("emit: the batch has no struct_size, or one smaller than that of ABI 1.0");
    }
    if (batch->flags != 0) return breach("emit: the batch's flags are not zero");
    if (batch->format != UNITY_FORMAT_JSON_ARRAY && batch->format != UNITY_FORMAT_NDJSON) {
      return breach("emit: the batch's format is none of UNITY_FORMAT_*");
    }
    if (batch->data.len > 0 && batch->data.ptr == nullptr) {
      return breach("emit: the batch's data is null but has a length");
    }
    const auto known = [&](const auto& dataset) { return dataset.second == batch->dataset; };
    if (std::none_of(datasets_.begin(), datasets_.end(), known)) {
      return breach("emit: the dataset is not one that dataset_find() has given");
    }
    const bool fits =
        batch->data.len <= kBatchSizeMax && batch->checkpoint.len <= kCheckpointSizeMax;
    return fits ? UNITY_OK : UNITY_E_LIMIT;
  }
  void note(unity_status status) {
    if (status < 0 || status == UNITY_PARTIAL) trouble_reported_ = true;
  }

  // ---- the table ----
  static void log_line(unity_host* host, std::uint32_t level, unity_str message, unity_str fields) {
    auto& self = of(host);
    const std::lock_guard lock(self.mutex_);
    self.ask();
    if (level >= UNITY_LOG_WARN) self.trouble_reported_ = true;
    if (level >= self.log_min_level_) self.log_.push_back({level, copy(message), copy(fields)});
  }
  static std::uint32_t log_min_level(unity_host* host) {
    const std::lock_guard lock(of(host).mutex_);
    return of(host).log_min_level_;
  }
  static std::int64_t now_unix(unity_host* host) {
    const std::lock_guard lock(of(host).mutex_);
    of(host).read_clock();
    return of(host).unix_ns_;
  }
  static std::uint64_t now_mono(unity_host* host) {
    const std::lock_guard lock(of(host).mutex_);
    of(host).read_clock();
    return of(host).mono_ns_;
  }
  static unity_status dataset_find(unity_host* host, unity_str name, std::uint32_t* out) {
    auto& self = of(host);
    const std::lock_guard lock(self.mutex_);
    if (const auto fault = self.fault("dataset_find")) return *fault;
    const auto found = self.datasets_.find(copy(name));
    if (found == self.datasets_.end()) return UNITY_E_NOT_FOUND;
    *out = found->second;
    return UNITY_OK;
  }
  static unity_status secret_get(unity_host* host, unity_str name, unity_sink sink, void* ctx) {
    return deliver(host, "secret_get", &Host::secrets_, name, sink, ctx);
  }
  static unity_status state_get(unity_host* host, unity_str key, unity_sink sink, void* ctx) {
    return deliver(host, "state_get", &Host::state_, key, sink, ctx);
  }
  // As in a host, the bytes die when the sink returns: they are overwritten.
  static unity_status deliver(unity_host* host, const char* call,
                              std::map<std::string, std::string> Host::*store, unity_str name,
                              unity_sink sink, void* ctx) {
    auto& self = of(host);
    std::string bytes;
    {
      const std::lock_guard lock(self.mutex_);
      if (const auto fault = self.fault(call)) return *fault;
      const auto found = (self.*store).find(copy(name));
      if (found == (self.*store).end()) return UNITY_E_NOT_FOUND;
      bytes = found->second;
    }
    sink(ctx, {bytes.data(), bytes.size()});
    std::fill(bytes.begin(), bytes.end(), '\xDD');
    return UNITY_OK;
  }
  static unity_status state_put(unity_host* host, unity_str key, unity_str value) {
    auto& self = of(host);
    const std::lock_guard lock(self.mutex_);
    if (const auto fault = self.fault("state_put")) return *fault;
    const auto name = copy(key);
    if (name.empty()) return self.breach("state_put: the key is empty");
    if (value.len == 0) return self.state_.erase(name), UNITY_OK;
    std::size_t used = value.len;
    for (const auto& [other, kept] : self.state_) used += other == name ? 0 : kept.size();
    if (value.len > kStateValueSizeMax || used > self.state_quota_) return UNITY_E_LIMIT;
    self.state_[name] = copy(value);
    return UNITY_OK;
  }
  static const void* get_interface(unity_host*, unity_str) { return nullptr; }

  static constexpr unity_host_api kApi = {
      sizeof(unity_host_api), UNITY_ABI_LATEST, log_line,  log_min_level, now_unix,     now_mono,
      dataset_find,           secret_get,       state_get, state_put,     get_interface};

  mutable std::mutex mutex_;
  std::condition_variable changed_;  // time has moved, a token has fired, a queue has changed
  Handle handle_{{&kApi}, this};

  std::map<std::string, std::string> secrets_;
  std::map<std::string, std::string> state_;
  std::map<std::string, std::uint32_t> datasets_{{"metrics", UNITY_DATASET_METRICS}};
  std::string checkpoint_;
  std::size_t state_quota_ = std::size_t{1} << 20;
  std::uint32_t log_min_level_ = UNITY_LOG_DEBUG;

  std::uint64_t mono_ns_ = 1'000'000'000;
  std::int64_t unix_ns_ = 1'750'000'000'000'000'000;
  std::uint64_t tick_ns_ = 0;
  std::uint64_t timeout_ns_ = 0;
  std::map<Token*, std::uint64_t> running_;  // of the calls in flight, with their deadlines

  std::size_t questions_ = 0;
  std::size_t cancel_at_ = 0;
  std::size_t calls_ = 0;
  std::size_t fault_at_ = 0;
  unity_status fault_ = UNITY_OK;
  std::string fault_hit_;
  bool trouble_reported_ = false;

  std::vector<LogLine> log_;
  std::vector<std::string> breaches_;
};

}  // namespace unity::testkit
