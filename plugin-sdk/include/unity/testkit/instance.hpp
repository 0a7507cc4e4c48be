// An instance of a collector under test. Calls come from the thread that uses it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "unity/plugin.h"
#include "unity/testkit/host.hpp"
#include "unity/testkit/plugin.hpp"
#include "unity/testkit/records.hpp"
#include "unity/testkit/token.hpp"

namespace unity::testkit {

class Instance {
 public:
  // Calls create(); see created(). `options` is JSON; the manifest's defaults are filled in. An
  // empty name means the plugin's first collector.
  Instance(Host& host, Plugin plugin, const std::string& options = "{}",
           std::string_view collector = {})
      : host_(host), plugin_(std::move(plugin)), collector_(plugin_.collector(collector)) {
    created_ = configured(options, [&](unity_call* call, const unity_config* config) {
      const auto status = collector_.create(&host_.handle_, call, config, &instance_);
      if (status >= 0 && instance_ == nullptr) breach("create: succeeded without an instance");
      return status;
    });
  }
  ~Instance() { destroy(); }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  // The outcome of create(). After a failure nothing else may be called.
  const Outcome& created() const { return created_; }
  bool exists() const { return instance_ != nullptr; }

  Outcome collect() {
    auto outcome = call([&](unity_call* call) { return collector_.collect(instance_, call); });
    for (const auto& batch : outcome.batches) {
      if (!batch.checkpoint.empty()) host_.put_checkpoint(batch.checkpoint);
    }
    return outcome;
  }
  // UNITY_E_UNSUPPORTED if the collector has no such function.
  Outcome reconfigure(const std::string& options) {
    if (collector_.reconfigure == nullptr) return unsupported();
    return configured(options, [&](unity_call* call, const unity_config* config) {
      return collector_.reconfigure(instance_, call, config);
    });
  }
  Outcome probe() {
    if (collector_.probe == nullptr) return unsupported();
    return call([&](unity_call* call) { return collector_.probe(instance_, call); });
  }

  // Cancels the call that runs, and wakes it; or the next one, if none does. Any thread.
  void cancel() {
    bool running = false;
    {
      const std::lock_guard lock(host_.mutex_);
      token_.fire();
      running = host_.running_.count(&token_) > 0;
      host_.changed_.notify_all();
    }
    if (running) interrupt();
  }
  // Any thread.
  void interrupt() {
    if (collector_.interrupt != nullptr && instance_ != nullptr) collector_.interrupt(instance_);
  }

  // As when the operator takes the collector away; then nothing else may be called.
  void destroy() {
    if (instance_ == nullptr || created_.status < 0) return;
    collector_.destroy(std::exchange(instance_, nullptr));
  }

 private:
  friend class StreamRun;

  // One call in flight. Kept when it is over, so that late use of it is noticed.
  struct Call : unity_call {
    Instance* self;
    std::thread::id thread;
    std::uint64_t deadline = 0;
    bool over = false;
    Outcome outcome;
  };

  // Text that a plugin may read until its call returns; then it is overwritten.
  class Lent {
   public:
    explicit Lent(std::string text) : text_(std::move(text)) {}
    ~Lent() { text_.assign(text_.size(), '\xDD'); }
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;
    unity_str view() const { return {text_.data(), text_.size()}; }

   private:
    std::string text_;
  };

  template <class Body>
  Outcome configured(const std::string& options, Body body) {
    const Lent json(plugin_.with_defaults(options, text_of(collector_.name)));
    const Lent checkpoint(host_.checkpoint());
    const Lent id("test");
    unity_config config{};
    config.struct_size = sizeof config;
    config.instance_id = id.view();
    config.json = json.view();
    config.checkpoint = checkpoint.view();
    return call([&](unity_call* call) { return body(call, &config); });
  }

  template <class Body>
  Outcome call(Body body, bool has_deadline = true) {
    auto& call = begin(has_deadline);
    const auto status = body(&call);
    return end(call, status);
  }

  Call& begin(bool has_deadline) {
    if (calls_.size() >= kCallsKept) calls_.erase(calls_.begin());
    auto& call = *calls_.emplace_back(std::make_unique<Call>());
    call.api = &kApi;
    call.self = this;
    call.thread = std::this_thread::get_id();
    const std::lock_guard lock(host_.mutex_);
    if (has_deadline && host_.timeout_ns_ > 0) call.deadline = host_.mono_ns_ + host_.timeout_ns_;
    host_.running_.emplace(&token_, call.deadline);
    return call;
  }

  Outcome end(Call& call, unity_status status) {
    const std::lock_guard lock(host_.mutex_);
    host_.running_.erase(&token_);
    const bool obeyed = status == UNITY_E_CANCELLED && token_.fired();
    if (!obeyed) host_.note(status);
    token_.reset();
    call.over = true;
    call.outcome.status = status;
    if (status < 0) call.outcome.batches.clear();
    return std::move(call.outcome);
  }

  static Outcome unsupported() {
    Outcome outcome;
    outcome.status = UNITY_E_UNSUPPORTED;
    return outcome;
  }
  static std::string text_of(unity_str text) {
    return text.len == 0 ? std::string() : std::string(text.ptr, text.len);
  }
  void breach(std::string what) {
    const std::lock_guard lock(host_.mutex_);
    host_.breach(std::move(what));
  }

  static Call& of(unity_call* call) { return *static_cast<Call*>(call); }
  // Under the host's lock.
  static bool usable(Call& call, const char* function) {
    auto& host = call.self->host_;
    if (call.over) {
      host.breach(std::string(function) + ": the call has returned");
    } else if (call.thread != std::this_thread::get_id()) {
      host.breach(std::string(function) + ": called on another thread than the call's");
    } else {
      return true;
    }
    return false;
  }

  // ---- the table ----
  static unity_status emit(unity_call* handle, const unity_batch* batch) {
    auto& call = of(handle);
    auto& host = call.self->host_;
    const std::lock_guard lock(host.mutex_);
    if (!usable(call, "emit")) return UNITY_E_INVALID;
    if (const auto fault = host.fault("emit")) return *fault;
    if (const auto status = host.check(batch); status != UNITY_OK) return status;
    call.outcome.batches.push_back({batch->dataset, batch->format, text_of(batch->data),
                                    text_of(batch->checkpoint), batch->time_unix_ns});
    return UNITY_OK;
  }
  static void fail(unity_call* handle, const unity_error* error) {
    auto& call = of(handle);
    auto& host = call.self->host_;
    const std::lock_guard lock(host.mutex_);
    if (!usable(call, "fail")) return;
    if (error == nullptr || error->struct_size < sizeof *error) {
      host.breach("fail: the error has no struct_size, or one smaller than that of ABI 1.0");
      return;
    }
    call.outcome.message = text_of(error->message);
    call.outcome.code = text_of(error->code);
    call.outcome.detail_json = text_of(error->detail_json);
    call.outcome.retry_after_ms = error->retry_after_ms;
  }
  static std::uint32_t is_cancelled(unity_call* handle) {
    auto& call = of(handle);
    const std::lock_guard lock(call.self->host_.mutex_);
    if (!usable(call, "is_cancelled")) return 1;
    call.self->host_.ask();
    return call.self->token_.fired() ? 1 : 0;
  }
  static std::int32_t cancel_fd(unity_call* handle) {
    auto& call = of(handle);
    const std::lock_guard lock(call.self->host_.mutex_);
    return usable(call, "cancel_fd") ? call.self->token_.fd() : -1;
  }
  static std::uint64_t deadline_mono_ns(unity_call* handle) {
    auto& call = of(handle);
    const std::lock_guard lock(call.self->host_.mutex_);
    return usable(call, "deadline_mono_ns") ? call.deadline : 0;
  }
  static unity_status dataset_declare(unity_call* handle, unity_str, std::uint32_t*) {
    auto& call = of(handle);
    const std::lock_guard lock(call.self->host_.mutex_);
    if (const auto fault = call.self->host_.fault("dataset_declare")) return *fault;
    return UNITY_E_UNSUPPORTED;
  }

  static constexpr unity_call_api kApi = {
      sizeof(unity_call_api), 0, emit, fail, is_cancelled, cancel_fd, deadline_mono_ns,
      dataset_declare};
  static constexpr std::size_t kCallsKept = 16;

  Host& host_;
  Plugin plugin_;
  const unity_collector& collector_;
  Token token_;
  std::vector<std::unique_ptr<Call>> calls_;
  unity_instance* instance_ = nullptr;
  Outcome created_;
};

}  // namespace unity::testkit
