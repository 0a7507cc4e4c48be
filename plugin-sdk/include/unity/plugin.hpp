// The C++ face of the plugin ABI: write a class, end the file with UNITY_PLUGIN(...).
//
//   class Uptime {
//    public:
//     Uptime(unity::sdk::Host, const unity::sdk::Options &) {}
//     void collect(unity::sdk::Call call) { ... call.emit(records); }
//   };
//   UNITY_PLUGIN(unity::sdk::polled<Uptime>("uptime"))
//
// Exceptions never cross the line: Failure keeps its class, anything else becomes
// UNITY_E_INTERNAL with its text.
#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include "unity/plugin.h"
#include "unity/sdk/options.hpp"
#include "unity/sdk/records.hpp"

namespace unity::sdk {
inline namespace v1 {

inline unity_str to_abi(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view from_abi(unity_str text) {
  return {text.ptr, static_cast<std::size_t>(text.len)};
}

// Thrown to end a call with a chosen error class. `code` is stable and dotted, for machines.
class Failure : public std::runtime_error {
 public:
  Failure(unity_status status, std::string code, const std::string& message,
          std::uint32_t retry_after_ms = 0)
      : std::runtime_error(message),
        status_(status),
        code_(std::move(code)),
        retry_after_ms_(retry_after_ms) {}

  unity_status status() const { return status_; }
  const std::string& code() const { return code_; }
  std::uint32_t retry_after_ms() const { return retry_after_ms_; }

 private:
  unity_status status_;
  std::string code_;
  std::uint32_t retry_after_ms_;
};

// What the host offers for as long as the instance lives. Usable from any thread.
class Host {
 public:
  explicit Host(unity_host* host) : host_(host) {}

  void log(std::uint32_t level, std::string_view message) const {
    host_->api->log(host_, level, to_abi(message), {nullptr, 0});
  }
  void info(std::string_view message) const { log(UNITY_LOG_INFO, message); }
  void warn(std::string_view message) const { log(UNITY_LOG_WARN, message); }
  void error(std::string_view message) const { log(UNITY_LOG_ERROR, message); }

  std::int64_t now_unix_ns() const { return host_->api->now_unix_ns(host_); }
  std::uint64_t now_mono_ns() const { return host_->api->now_mono_ns(host_); }

 private:
  unity_host* host_;
};

// What the host offers during one call, on the thread that entered the plugin.
class Call {
 public:
  // `warned` outlives this object and is set by warn().
  Call(unity_call* call, bool* warned) : call_(call), warned_(warned) {}

  // Stages the records; they are committed when collect() returns normally.
  void emit(const Records& records) {
    if (!records.empty()) emit_text(records.text(), UNITY_FORMAT_NDJSON);
  }
  // Stages JSON text that the plugin wrote itself, one record a line or one JSON array.
  void emit_text(std::string_view text, std::uint32_t format) {
    unity_batch batch{};
    batch.struct_size = sizeof batch;
    batch.dataset = UNITY_DATASET_METRICS;
    batch.format = format;
    batch.data = to_abi(text);
    const auto status = call_->api->emit(call_, &batch);
    if (status < 0) throw Failure(status, "unity.emit", "the host refused an emitted batch");
  }

  // Something is missing from this run: what is emitted counts, and the host shows the instance
  // as degraded with this reason. The last one wins.
  void warn(std::string_view message, std::string_view code = {}) {
    unity_error error{};
    error.struct_size = sizeof error;
    error.message = to_abi(message);
    error.code = to_abi(code);
    call_->api->fail(call_, &error);
    *warned_ = true;
  }

  bool is_cancelled() const { return call_->api->is_cancelled(call_) != 0; }
  // Readable once the call is cancelled: poll it beside descriptors of your own. Do not close it.
  int cancel_fd() const { return call_->api->cancel_fd(call_); }
  // On Host::now_mono_ns()'s clock; 0 if there is none.
  std::uint64_t deadline_mono_ns() const { return call_->api->deadline_mono_ns(call_); }

 private:
  unity_call* call_;
  bool* warned_;
};

namespace detail {

inline unity_status report(unity_call* call, unity_status status, std::string_view message,
                           std::string_view code, std::uint32_t retry_after_ms) {
  unity_error error{};
  error.struct_size = sizeof error;
  error.retry_after_ms = retry_after_ms;
  error.message = to_abi(message);
  error.code = to_abi(code);
  call->api->fail(call, &error);
  return status;
}

// The one place where C++ exceptions end.
template <class Body>
unity_status barrier(unity_call* call, Body body) noexcept {
  try {
    body();
    return UNITY_OK;
  } catch (const Failure& failure) {
    return report(call, failure.status(), failure.what(), failure.code(), failure.retry_after_ms());
  } catch (const std::exception& exception) {
    return report(call, UNITY_E_INTERNAL, exception.what(), "unity.exception", 0);
  } catch (...) {
    return report(call, UNITY_E_INTERNAL, "threw something that is not a std::exception",
                  "unity.exception", 0);
  }
}

template <class Collector>
struct Thunks {
  static unity_status create(unity_host* host, unity_call* call, const unity_config* config,
                             unity_instance** out) noexcept {
    return barrier(call, [&] {
      const Options options(from_abi(config->json));
      *out = reinterpret_cast<unity_instance*>(new Collector(Host(host), options));
    });
  }
  static void destroy(unity_instance* instance) noexcept {
    delete reinterpret_cast<Collector*>(instance);
  }
  static unity_status collect(unity_instance* instance, unity_call* call) noexcept {
    bool warned = false;
    const auto status = barrier(
        call, [&] { reinterpret_cast<Collector*>(instance)->collect(Call(call, &warned)); });
    return status == UNITY_OK && warned ? UNITY_PARTIAL : status;
  }
};

template <std::size_t N>
constexpr std::array<const unity_collector*, N> pointers_to(const unity_collector (&table)[N]) {
  std::array<const unity_collector*, N> pointers{};
  for (std::size_t i = 0; i < N; ++i) pointers[i] = &table[i];
  return pointers;
}

}  // namespace detail

// Describes a collector class with a constructor (Host, const Options &) and collect(Call).
template <class Collector>
constexpr unity_collector polled(std::string_view name) {
  using Thunks = detail::Thunks<Collector>;
  return {sizeof(unity_collector),
          UNITY_COLLECTOR_POLLED,
          {name.data(), name.size()},
          &Thunks::create,
          &Thunks::destroy,
          &Thunks::collect,
          nullptr,
          nullptr,
          nullptr,
          nullptr};
}

}  // namespace v1
}  // namespace unity::sdk

// Takes one unity::sdk::polled<Class>("name") for each collector. Use once in a plugin, in the
// source that includes "unity_manifest.h" (unity_add_plugin writes it from the manifest).
#define UNITY_PLUGIN(...)                                                                          \
  namespace {                                                                                      \
  constexpr unity_collector unity_collectors_[] = {__VA_ARGS__};                                   \
  constexpr auto unity_collector_pointers_ = ::unity::sdk::detail::pointers_to(unity_collectors_); \
  const unity_plugin unity_plugin_ = {sizeof(unity_plugin),                                        \
                                      UNITY_API_TARGET,                                            \
                                      UNITY_ABI(1, 0),                                             \
                                      static_cast<uint32_t>(unity_collector_pointers_.size()),     \
                                      unity_collector_pointers_.data(),                            \
                                      UNITY_MANIFEST};                                             \
  }                                                                                                \
  extern "C" UNITY_EXPORT const unity_plugin* unity_plugin_entry_v1(const unity_entry_args*) {     \
    return &unity_plugin_;                                                                         \
  }
