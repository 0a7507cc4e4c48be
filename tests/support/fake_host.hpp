// A host of one plugin, made of nothing but the C ABI: loads the library, creates an instance,
// runs it, and keeps what it emitted and what it said of its failures. Its clock stands still
// unless a test moves it.
#pragma once

#include <dlfcn.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "unity/plugin.h"

namespace unity::testing {

// What a call into the plugin came to.
struct Outcome {
  unity_status status = UNITY_OK;
  std::string records;  // newline-delimited JSON
  std::string message;  // of the last fail()
  std::string code;
};

class FakeHost {
 public:
  // Loads the plugin and creates an instance of its first collector; see created().
  FakeHost(const std::string& library, const std::string& config_json) : plugin_(load(library)) {
    unity_config config{};
    config.struct_size = sizeof config;
    config.instance_id = text("test");
    config.json = text(config_json);
    const auto status = collector().create(&host_.base, &call_.base, &config, &instance_);
    created_ = take(status);
  }
  ~FakeHost() {
    if (created_.status == UNITY_OK) collector().destroy(instance_);
  }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  // The outcome of create().
  const Outcome& created() const { return created_; }

  Outcome collect() { return take(collector().collect(instance_, &call_.base)); }

  void advance_ns(std::uint64_t ns) { mono_ns_ += ns; }
  void cancel() { cancelled_ = true; }

  const unity_plugin& plugin() const { return *plugin_; }
  std::string manifest() const { return copy(plugin_->manifest); }

  static const unity_plugin* load(const std::string& library) {
    // Never closed: plugins are linked to stay.
    void* handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) throw std::runtime_error(::dlerror());
    const auto entry = reinterpret_cast<const unity_plugin* (*)(const unity_entry_args*)>(
        ::dlsym(handle, "unity_plugin_entry_v1"));
    if (entry == nullptr) throw std::runtime_error(library + " has no entry");
    unity_entry_args args{};
    args.struct_size = sizeof args;
    args.abi = UNITY_ABI_LATEST;
    args.host_name = text("fake host");
    args.host_version = text("0");
    const auto* plugin = entry(&args);
    if (plugin == nullptr) throw std::runtime_error(library + " refuses this host");
    return plugin;
  }

 private:
  // The handles that the plugin holds lead back here.
  struct HostHandle {
    unity_host base;
    FakeHost* self;
  };
  struct CallHandle {
    unity_call base;
    FakeHost* self;
  };

  static unity_str text(std::string_view view) { return {view.data(), view.size()}; }
  static std::string copy(unity_str view) {
    return view.len == 0 ? std::string() : std::string(view.ptr, view.len);
  }
  static FakeHost& of(unity_host* host) { return *reinterpret_cast<HostHandle*>(host)->self; }
  static FakeHost& of(unity_call* call) { return *reinterpret_cast<CallHandle*>(call)->self; }

  const unity_collector& collector() const { return *plugin_->collectors[0]; }

  // As a host does it: what a failed call staged is thrown away.
  Outcome take(unity_status status) {
    Outcome outcome = std::move(pending_);
    pending_ = {};
    outcome.status = status;
    if (status < 0) outcome.records.clear();
    return outcome;
  }

  static unity_status emit(unity_call* call, const unity_batch* batch) {
    if (batch->format != UNITY_FORMAT_NDJSON) return UNITY_E_INVALID;
    of(call).pending_.records += copy(batch->data);
    return UNITY_OK;
  }
  static void fail(unity_call* call, const unity_error* error) {
    of(call).pending_.message = copy(error->message);
    of(call).pending_.code = copy(error->code);
  }
  static std::uint32_t is_cancelled(unity_call* call) { return of(call).cancelled_ ? 1 : 0; }
  static std::int32_t cancel_fd(unity_call*) { return -1; }
  static std::uint64_t deadline(unity_call*) { return 0; }
  static unity_status declare(unity_call*, unity_str, std::uint32_t*) {
    return UNITY_E_UNSUPPORTED;
  }

  static void log(unity_host*, std::uint32_t, unity_str, unity_str) {}
  static std::uint32_t log_min_level(unity_host*) { return UNITY_LOG_INFO; }
  static std::int64_t now_unix(unity_host*) { return 1'750'000'000'000'000'000; }
  static std::uint64_t now_mono(unity_host* host) { return of(host).mono_ns_; }
  static unity_status no_dataset(unity_host*, unity_str, std::uint32_t*) {
    return UNITY_E_NOT_FOUND;
  }
  static unity_status no_value(unity_host*, unity_str, unity_sink, void*) {
    return UNITY_E_NOT_FOUND;
  }
  static unity_status no_put(unity_host*, unity_str, unity_str) { return UNITY_E_UNSUPPORTED; }
  static const void* no_interface(unity_host*, unity_str) { return nullptr; }

  static constexpr unity_host_api kHostApi = {sizeof(unity_host_api),
                                              UNITY_ABI_LATEST,
                                              log,
                                              log_min_level,
                                              now_unix,
                                              now_mono,
                                              no_dataset,
                                              no_value,
                                              no_value,
                                              no_put,
                                              no_interface};
  static constexpr unity_call_api kCallApi = {sizeof(unity_call_api), 0,         emit,     fail,
                                              is_cancelled,           cancel_fd, deadline, declare};

  const unity_plugin* plugin_;
  HostHandle host_{{&kHostApi}, this};
  CallHandle call_{{&kCallApi}, this};
  unity_instance* instance_ = nullptr;
  Outcome created_;
  Outcome pending_;
  std::uint64_t mono_ns_ = 1'000'000'000;
  bool cancelled_ = false;
};

}  // namespace unity::testing
