#include "plugin/host_services.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace unity::host {
namespace {

constexpr std::size_t kBatchSizeMax = std::size_t{16} << 20;
constexpr std::size_t kRunSizeMax = std::size_t{64} << 20;
constexpr std::size_t kLogLineMax = std::size_t{16} << 10;
constexpr std::size_t kErrorTextMax = std::size_t{4} << 10;
constexpr std::uint32_t kStructSizeMax = 4096;  // no parameter struct will ever be as long

std::string_view view(unity_str text) { return {text.ptr, static_cast<std::size_t>(text.len)}; }
std::string_view view(unity_str text, std::size_t longest) { return view(text).substr(0, longest); }

// Parameter rule of the ABI: a tail that we do not know must be zero.
template <class Parameters>
unity_status check_parameters(const Parameters* theirs) {
  if (theirs == nullptr || theirs->struct_size < sizeof(Parameters) ||
      theirs->struct_size > kStructSizeMax) {
    return UNITY_E_INVALID;
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(theirs);
  const bool unknown = std::any_of(bytes + sizeof(Parameters), bytes + theirs->struct_size,
                                   [](unsigned char byte) { return byte != 0; });
  return unknown ? UNITY_E_TOO_NEW : UNITY_OK;
}

// ---- unity_host ---------------------------------------------------------------------------

void host_log(unity_host* host, std::uint32_t level, unity_str message, unity_str) {
  static_cast<HostHandle*>(host)->log(level, view(message, kLogLineMax));
}
std::uint32_t host_log_min_level(unity_host* host) {
  return static_cast<HostHandle*>(host)->log_min_level;
}
std::int64_t host_now_unix_ns(unity_host*) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}
std::uint64_t host_now_mono_ns(unity_host*) {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}
unity_status host_dataset_find(unity_host*, unity_str name, std::uint32_t* out) {
  if (out == nullptr) return UNITY_E_INVALID;
  if (view(name) != "metrics") return UNITY_E_NOT_FOUND;
  *out = UNITY_DATASET_METRICS;
  return UNITY_OK;
}
unity_status host_secret_get(unity_host*, unity_str, unity_sink, void*) {
  return UNITY_E_UNSUPPORTED;
}
unity_status host_state_get(unity_host*, unity_str, unity_sink, void*) {
  return UNITY_E_UNSUPPORTED;
}
unity_status host_state_put(unity_host*, unity_str, unity_str) { return UNITY_E_UNSUPPORTED; }
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
  return static_cast<std::uint64_t>(self(call).deadline().time_since_epoch().count());
}
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

RunClass class_of(unity_status status) {
  switch (status) {
    case UNITY_PARTIAL:
      return RunClass::partial;
    case UNITY_E_TRANSIENT:
    case UNITY_E_AGAIN:
      return RunClass::transient;
    case UNITY_E_CONFIG:
      return RunClass::config;
    case UNITY_E_AUTH:
      return RunClass::auth;
    case UNITY_E_PERMANENT:
      return RunClass::permanent;
    case UNITY_E_CANCELLED:
      return RunClass::cancelled;
    default:
      return status >= 0 ? RunClass::ok : RunClass::internal;
  }
}

}  // namespace

HostHandle::HostHandle(PluginLog sink, std::uint32_t min_level)
    : unity_host{&kHostApi}, log(std::move(sink)), log_min_level(min_level) {}

CallHandle::CallHandle(CancelToken& token, Instant deadline)
    : unity_call{&kCallApi},
      token_(token),
      deadline_(deadline),
      thread_(std::this_thread::get_id()) {}

unity_status CallHandle::emit(const unity_batch* batch) {
  const auto refuse = [this](unity_status status, std::string why) {
    if (breach_.empty()) breach_ = std::move(why);
    return status;
  };
  // Another thread must not touch anything of ours, not even to explain.
  if (!on_own_thread()) return UNITY_E_INVALID;
  if (const auto status = check_parameters(batch); status != UNITY_OK) {
    return refuse(status, "the batch has a size or a tail that this ABI does not know");
  }
  if (batch->flags != 0 ||
      (batch->format != UNITY_FORMAT_JSON_ARRAY && batch->format != UNITY_FORMAT_NDJSON)) {
    return refuse(UNITY_E_INVALID, "unknown format or flags");
  }
  if (batch->dataset != UNITY_DATASET_METRICS) {
    return refuse(UNITY_E_UNSUPPORTED, "only the dataset \"metrics\" (0) is served");
  }
  if (batch->checkpoint.len != 0) {
    return refuse(UNITY_E_UNSUPPORTED, "checkpoints are not served yet");
  }
  if (batch->data.len > kBatchSizeMax) {
    return refuse(UNITY_E_LIMIT, fmt::format("the batch has {} bytes, more than {}",
                                             batch->data.len, kBatchSizeMax));
  }
  if (staged_bytes_ + batch->data.len > kRunSizeMax) {
    return refuse(UNITY_E_LIMIT,
                  fmt::format("the run has emitted more than {} bytes", kRunSizeMax));
  }
  staged_bytes_ += batch->data.len;
  Emission emission;
  emission.format = batch->format == UNITY_FORMAT_NDJSON ? Emission::Format::ndjson
                                                         : Emission::Format::json_array;
  emission.text = view(batch->data);
  emission.emitted = std::chrono::steady_clock::now();
  emission.time =
      std::chrono::floor<std::chrono::microseconds>(std::chrono::sys_time<std::chrono::nanoseconds>(
          std::chrono::nanoseconds(batch->time_unix_ns)));
  emissions_.push_back(std::move(emission));
  return UNITY_OK;
}

void CallHandle::fail(const unity_error* error) {
  if (!on_own_thread() || check_parameters(error) != UNITY_OK) return;
  message_ = view(error->message, kErrorTextMax);
  code_ = view(error->code, kErrorTextMax);
  retry_after_ = std::chrono::milliseconds(error->retry_after_ms);
}

RunResult CallHandle::finish(unity_status status) {
  RunResult result;
  result.run_class = class_of(status);
  result.message = std::move(message_);
  result.code = std::move(code_);
  result.retry_after = retry_after_;
  if (!breach_.empty()) {
    // A plugin that ignores a refused emit would lose records without a word.
    if (result.message.empty()) result.message = "emit was refused";
    result.message += ": " + breach_;
    if (succeeded(result.run_class)) result.run_class = RunClass::partial;
  }
  if (succeeded(result.run_class)) {
    result.emissions = std::move(emissions_);
  } else if (result.message.empty()) {
    result.message = fmt::format("the plugin returned status {} and gave no reason", status);
  }
  return result;
}

}  // namespace unity::host
