#include "worker/runtime/handles.hpp"

#include <string.h>

#include <algorithm>
#include <chrono>

#include "worker/runtime/limits.hpp"
#include "worker/runtime/parameters.hpp"

namespace unity::host {
namespace {

// ---- unity_host ---------------------------------------------------------------------------

HostHandle& self(unity_host* host) { return *static_cast<HostHandle*>(host); }

void host_log(unity_host* host, std::uint32_t level, unity_str message, unity_str fields) {
  self(host).services().log(level, view(message, kLogLineMax), view(fields, kLogLineMax));
}
std::uint32_t host_log_min_level(unity_host* host) { return self(host).services().log_min_level(); }
std::int64_t host_now_unix_ns(unity_host*) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}
std::uint64_t host_now_mono_ns(unity_host*) {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}
unity_status host_dataset_find(unity_host* host, unity_str name, std::uint32_t* out) {
  if (out == nullptr) return UNITY_E_INVALID;
  if (view(name) == "metrics") {
    *out = UNITY_DATASET_METRICS;
    return UNITY_OK;
  }
  const auto& datasets = self(host).datasets();
  const auto found = std::find(datasets.begin(), datasets.end(), view(name));
  if (found == datasets.end()) return UNITY_E_NOT_FOUND;
  *out = static_cast<std::uint32_t>(found - datasets.begin()) + 1;
  return UNITY_OK;
}

bool is_key(unity_str key) { return key.len > 0 && key.len <= kKeyMax; }

unity_status host_secret_get(unity_host* host, unity_str name, unity_sink sink, void* context) {
  if (sink == nullptr || !is_key(name)) return UNITY_E_INVALID;
  std::string value;
  const auto status = self(host).services().secret(view(name), value);
  if (status == UNITY_OK) sink(context, to_abi(value));
  wipe(value);
  return status;
}
unity_status host_state_get(unity_host* host, unity_str key, unity_sink sink, void* context) {
  if (sink == nullptr || !is_key(key)) return UNITY_E_INVALID;
  std::string value;
  const auto status = self(host).services().state_get(view(key), value);
  if (status == UNITY_OK) sink(context, to_abi(value));
  return status;
}
unity_status host_state_put(unity_host* host, unity_str key, unity_str value) {
  if (!is_key(key)) return UNITY_E_INVALID;
  if (value.len > kStateValueMax) return UNITY_E_LIMIT;
  return self(host).services().state_put(view(key), view(value));
}
// No interface beside the tables is offered yet.
const void* host_get_interface(unity_host*, unity_str) { return nullptr; }

constexpr unity_host_api kHostApi = {sizeof(unity_host_api), UNITY_ABI_LATEST,  host_log,
                                     host_log_min_level,     host_now_unix_ns,  host_now_mono_ns,
                                     host_dataset_find,      host_secret_get,   host_state_get,
                                     host_state_put,         host_get_interface};

// ---- unity_call ---------------------------------------------------------------------------

CallHandle& self(unity_call* call) { return *static_cast<CallHandle*>(call); }

unity_status call_emit(unity_call* call, const unity_batch* batch) {
  return self(call).emit(batch);
}
void call_fail(unity_call* call, const unity_error* error) { self(call).fail(error); }
std::uint32_t call_is_cancelled(unity_call* call) { return self(call).token().fired() ? 1 : 0; }
std::int32_t call_cancel_fd(unity_call* call) { return self(call).token().fd(); }
std::uint64_t call_deadline_mono_ns(unity_call* call) {
  const auto deadline = self(call).deadline();
  if (deadline == Instant::max()) return 0;
  return static_cast<std::uint64_t>(deadline.time_since_epoch().count());
}
// Datasets are declared in the manifest.
unity_status call_dataset_declare(unity_call*, unity_str, std::uint32_t*) {
  return UNITY_E_UNSUPPORTED;
}

constexpr unity_call_api kCallApi = {sizeof(unity_call_api),
                                     0,
                                     call_emit,
                                     call_fail,
                                     call_is_cancelled,
                                     call_cancel_fd,
                                     call_deadline_mono_ns,
                                     call_dataset_declare};

// ---- unity_stream -------------------------------------------------------------------------

unity_status stream_emit(unity_stream* stream, const unity_batch* batch, std::uint64_t wait_ns) {
  return static_cast<StreamHandle*>(stream)->emit(batch, wait_ns);
}
unity_status stream_ready(unity_stream* stream) {
  return static_cast<StreamHandle*>(stream)->ready();
}

constexpr unity_stream_api kStreamApi = {sizeof(unity_stream_api), 0, stream_emit, stream_ready};

}  // namespace

void wipe(std::string& secret) {
  secret.resize(secret.capacity());
  ::explicit_bzero(secret.data(), secret.size());
  secret.clear();
}

HostHandle::HostHandle(PluginServices& services, const std::vector<std::string>& datasets)
    : unity_host{&kHostApi}, services_(services), datasets_(datasets) {}

CallHandle::CallHandle(CancelToken& token, Instant deadline,
                       const std::vector<std::string>& datasets)
    : unity_call{&kCallApi},
      token_(token),
      deadline_(deadline),
      datasets_(datasets),
      thread_(std::this_thread::get_id()) {}

void CallHandle::breach(std::string why) {
  if (breach_.empty()) breach_ = std::move(why);
}

unity_status CallHandle::emit(const unity_batch* batch) {
  // Another thread must not touch anything of ours, not even to explain.
  if (!on_own_thread()) return UNITY_E_INVALID;
  Emission emission;
  std::string why;
  if (const auto status = take_batch(batch, datasets_, emission, why); status != UNITY_OK) {
    breach(std::move(why));
    return status;
  }
  if (staged_bytes_ + emission.text.size() > kRunSizeMax) {
    breach("the run has emitted more than " + std::to_string(kRunSizeMax) + " bytes");
    return UNITY_E_LIMIT;
  }
  staged_bytes_ += emission.text.size();
  emissions_.push_back(std::move(emission));
  return UNITY_OK;
}

void CallHandle::fail(const unity_error* error) {
  if (!on_own_thread() || check_parameters(error) != UNITY_OK) return;
  message_ = view(error->message, kErrorTextMax);
  code_ = view(error->code, kErrorTextMax);
  retry_after_ = std::chrono::milliseconds(error->retry_after_ms);
}

void CallHandle::fail(std::string_view message) { message_ = message; }

RunResult CallHandle::finish(unity_status status) {
  RunResult result;
  result.run_class = class_of(status);
  result.message = std::move(message_);
  result.code = std::move(code_);
  result.retry_after = retry_after_;
  result.exhausted = status == UNITY_END;
  if (!breach_.empty()) {
    // A plugin that ignores a refused emit would lose records without a word.
    if (result.message.empty()) result.message = "emit was refused";
    result.message += ": " + breach_;
    if (succeeded(result.run_class)) result.run_class = RunClass::partial;
  }
  if (succeeded(result.run_class)) {
    result.emissions = std::move(emissions_);
  } else if (result.message.empty()) {
    result.message = "the plugin returned status " + std::to_string(status) + " and gave no reason";
  }
  return result;
}

class StreamHandle::Visit {
 public:
  explicit Visit(StreamHandle& handle) : handle_(handle) {
    ++handle_.visitors_;
    sink_ = handle_.sink_;
    if (sink_ != nullptr || handle_.complained_.exchange(true)) return;
    handle_.services_.log(UNITY_LOG_ERROR,
                          "a thread of the plugin used its stream after stream() had returned", {});
  }
  ~Visit() { --handle_.visitors_; }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  StreamSink* sink() const { return sink_; }

 private:
  StreamHandle& handle_;
  StreamSink* sink_;
};

StreamHandle::StreamHandle(PluginServices& services, const std::vector<std::string>& datasets)
    : unity_stream{&kStreamApi}, services_(services), datasets_(datasets) {}

void StreamHandle::close() {
  if (auto* sink = sink_.exchange(nullptr)) sink->shut();
  while (visitors_ > 0) std::this_thread::yield();  // none of them waits
}

unity_status StreamHandle::emit(const unity_batch* batch, std::uint64_t wait_ns) {
  const Visit visit(*this);
  if (visit.sink() == nullptr) return UNITY_E_INVALID;
  Emission emission;
  std::string why;
  if (const auto status = take_batch(batch, datasets_, emission, why); status != UNITY_OK) {
    if (!complained_.exchange(true)) {
      services_.log(UNITY_LOG_ERROR, "what the stream emitted was refused: " + why, {});
    }
    return status;
  }
  return visit.sink()->push(std::move(emission), wait_ns);
}

unity_status StreamHandle::ready() {
  const Visit visit(*this);
  if (visit.sink() == nullptr) return UNITY_E_INVALID;
  visit.sink()->ready();
  return UNITY_OK;
}

}  // namespace unity::host
