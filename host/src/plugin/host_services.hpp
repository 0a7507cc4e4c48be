// The host's side of the plugin ABI: what a plugin reaches through unity_host and unity_call.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "plugin/cancel_token.hpp"
#include "unity/core/ports/collector.hpp"
#include "unity/plugin.h"

namespace unity::host {

// Receives what a plugin logs: UNITY_LOG_* level and text. Any thread.
using PluginLog = std::function<void(std::uint32_t level, std::string_view message)>;

// Lives from create() to the return of destroy().
class HostHandle : public unity_host {
 public:
  explicit HostHandle(PluginLog log, std::uint32_t log_min_level = UNITY_LOG_INFO);
  PluginLog log;
  std::uint32_t log_min_level;  // what is below is not shown
};

// Lives for one call into the plugin, on the thread that enters it. Gathers what the plugin
// emits and why it fails.
class CallHandle : public unity_call {
 public:
  CallHandle(CancelToken& token, Instant deadline);

  // What the call came to, after it returned `status`.
  RunResult finish(unity_status status);

  // The ABI's functions, one each.
  unity_status emit(const unity_batch* batch);
  void fail(const unity_error* error);
  CancelToken& token() { return token_; }
  Instant deadline() const { return deadline_; }
  bool on_own_thread() const { return std::this_thread::get_id() == thread_; }

 private:
  CancelToken& token_;
  Instant deadline_;
  std::thread::id thread_;
  std::vector<Emission> emissions_;
  std::size_t staged_bytes_ = 0;
  std::string breach_;  // the first refused emit, for a plugin that does not say why it failed
  std::string message_;
  std::string code_;
  Duration retry_after_{};
};

}  // namespace unity::host
