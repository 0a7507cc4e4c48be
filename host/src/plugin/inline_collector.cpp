#include "plugin/inline_collector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <ctime>
#include <utility>

namespace unity::host {
namespace {

// To ask for the cpu of a run that is over as soon costs more than the run. It is said to be the
// time that it took, of which it cannot have had more.
constexpr Duration kQuick = std::chrono::microseconds(20);

Duration thread_cpu() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

// A plugin must not throw through the ABI; one that does all the same is told so.
template <class Body>
RunResult guarded(CallHandle& call, Body body) {
  const auto thrown = [&call](std::string_view what) {
    auto result = call.finish(UNITY_E_INTERNAL);
    result.code = "unity.threw";
    result.message = fmt::format("it threw an exception through the plugin ABI: {}", what);
    return result;
  };
  try {
    return call.finish(body());
  } catch (const std::exception& exception) {
    return thrown(exception.what());
  } catch (...) {
    return thrown("not a std::exception");
  }
}

}  // namespace

InlineCollector::InlineCollector(Spec spec, Executor executor)
    : spec_(std::move(spec)),
      executor_(std::move(executor)),
      type_(spec_.library->find(spec_.collector)),
      host_(spec_.log, spec_.log_min_level) {
  assert(type_ != nullptr);
}

InlineCollector::~InlineCollector() {
  if (instance_ == nullptr) return;
  try {
    type_->destroy(instance_);
  } catch (...) {
    host_.log(UNITY_LOG_ERROR, "destroy() threw an exception through the plugin ABI");
  }
}

void InlineCollector::start(const Run& run, RunListener& listener) {
  token_.reset();
  listener_ = &listener;
  expected_ = run.timing.expected;
  executor_([this] { this->run(); }, run.timing);  // so small that it costs no allocation
}

void InlineCollector::run() {
  auto& listener = *listener_;
  const auto deadline = listener.began();
  if (!deadline) {
    RunResult revoked;
    revoked.run_class = RunClass::cancelled;
    return listener.ended(std::move(revoked));
  }
  const bool quick = expected_ < kQuick;
  const auto began = std::chrono::steady_clock::now();
  const auto cpu_before = quick ? Duration() : thread_cpu();
  auto result = call(*deadline);
  if (!quick) result.cpu = thread_cpu() - cpu_before;
  result.took = std::chrono::steady_clock::now() - began;
  if (quick) result.cpu = result.took;
  listener.ended(std::move(result));  // the next run may begin, or this object be destroyed
}

RunResult InlineCollector::call(Instant deadline) {
  CallHandle call(token_, deadline);
  return guarded(call, [&] {
    if (instance_ == nullptr) {
      if (const auto status = create(call); status < 0) return status;
    }
    return type_->collect(instance_, &call);
  });
}

unity_status InlineCollector::create(CallHandle& call) {
  unity_config config{};
  config.struct_size = sizeof config;
  config.instance_id = {spec_.instance_id.data(), spec_.instance_id.size()};
  config.json = {spec_.options.data(), spec_.options.size()};
  unity_instance* made = nullptr;
  const auto status = type_->create(&host_, &call, &config, &made);
  if (status < 0) return status;
  if (made == nullptr) {
    static constexpr std::string_view why = "create() succeeded without making an instance";
    unity_error error{};
    error.struct_size = sizeof error;
    error.message = {why.data(), why.size()};
    call.fail(&error);
    return UNITY_E_INTERNAL;
  }
  instance_ = made;
  return UNITY_OK;
}

}  // namespace unity::host
