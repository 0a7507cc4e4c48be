// The host's side of the plugin ABI: the three handles that a plugin is given, for as long as each
// of them lives.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "unity/core/ports/collector.hpp"
#include "unity/plugin.h"
#include "worker/runtime/cancel_token.hpp"
#include "worker/runtime/services.hpp"

namespace unity::host {

// From create() to the return of destroy(). `services` and `datasets` outlive it.
class HostHandle : public unity_host {
 public:
  HostHandle(PluginServices& services, const std::vector<std::string>& datasets);

  PluginServices& services() const { return services_; }
  const std::vector<std::string>& datasets() const { return datasets_; }

 private:
  PluginServices& services_;
  const std::vector<std::string>& datasets_;
};

// For one call into the plugin, on the thread that enters it. Gathers what the plugin emits and
// why it fails.
class CallHandle : public unity_call {
 public:
  CallHandle(CancelToken& token, Instant deadline, const std::vector<std::string>& datasets);

  // What the call came to, after it returned `status`.
  RunResult finish(unity_status status);

  // The ABI's functions, one each.
  unity_status emit(const unity_batch* batch);
  void fail(const unity_error* error);
  void fail(std::string_view message);
  CancelToken& token() { return token_; }
  Instant deadline() const { return deadline_; }
  bool on_own_thread() const { return std::this_thread::get_id() == thread_; }
  // A breach of the contract, by another handle of the same call.
  void breach(std::string why);

 private:
  CancelToken& token_;
  Instant deadline_;
  const std::vector<std::string>& datasets_;
  std::thread::id thread_;
  std::vector<Emission> emissions_;
  std::size_t staged_bytes_ = 0;
  std::string breach_;  // the first refused emit, for a plugin that does not say why it failed
  std::string message_;
  std::string code_;
  Duration retry_after_{};
};

// From the first stream() of an instance to the return of its destroy(), so that a thread that is
// late finds a closed door and not a hole. Any thread.
class StreamHandle : public unity_stream {
 public:
  StreamHandle(PluginServices& services, const std::vector<std::string>& datasets);

  void open(StreamSink& sink) { sink_ = &sink; }
  void close();  // waits for those who are within emit()

  unity_status emit(const unity_batch* batch, std::uint64_t wait_ns);
  unity_status ready();

 private:
  // Enters the sink for as long as it lives.
  class Visit;

  PluginServices& services_;
  const std::vector<std::string>& datasets_;
  std::atomic<StreamSink*> sink_ = nullptr;  // null while no stream() is active
  std::atomic<int> visitors_ = 0;
  std::atomic<bool> complained_ = false;
};

}  // namespace unity::host
