#include "plugin/inline_collector.hpp"

#include <array>
#include <atomic>
#include <utility>

#include "runtime/thread.hpp"
#include "worker/base/thread_cpu.hpp"

namespace unity::host {
namespace {

using std::chrono::steady_clock;

// To ask for the cpu of a run that is over as soon costs more than the run. It is said to be the
// time that it took, of which it cannot have had more.
constexpr Duration kQuick = std::chrono::microseconds(20);

RunResult revoked() {
  RunResult result;
  result.run_class = RunClass::cancelled;
  return result;
}

// A lane of the host's page for each thread that calls plugins, as long as there are any.
class HostLane {
 public:
  HostLane() {
    while (number_ < SlotPage::kLanes && taken_[number_].exchange(true)) ++number_;
  }
  ~HostLane() {
    if (number_ < SlotPage::kLanes) taken_[number_] = false;
  }
  HostLane(const HostLane&) = delete;
  HostLane& operator=(const HostLane&) = delete;

  LaneSlot* in(SlotPage* page) const {
    return page != nullptr && number_ < SlotPage::kLanes ? &page->lanes[number_] : nullptr;
  }

 private:
  static inline std::array<std::atomic<bool>, SlotPage::kLanes> taken_{};
  std::size_t number_ = 0;
};

// Of the calling thread.
LaneSlot* host_slot(SlotPage* page) {
  thread_local const HostLane lane;
  return lane.in(page);
}

// From a stream to who accepts its records.
class InlineStream final : public StreamSink {
 public:
  InlineStream(RunListener& listener, std::shared_ptr<StreamFlow> flow)
      : listener_(listener), flow_(std::move(flow)) {}

  unity_status push(Emission&& emission, std::uint64_t wait_ns) override {
    const auto bytes = size_in_flow(emission);
    if (!flow_->enter(bytes, steady_clock::now() + patience_of(wait_ns))) {
      return flow_->is_shut() ? UNITY_E_CANCELLED : UNITY_E_AGAIN;
    }
    std::vector<Emission> emissions;
    emissions.push_back(std::move(emission));
    const std::lock_guard one_at_a_time(mutex_);  // the pipeline serves one thread
    listener_.emitted(std::move(emissions), [flow = flow_, bytes] { flow->leave(bytes); });
    return UNITY_OK;
  }
  void ready() override {
    const std::lock_guard one_at_a_time(mutex_);
    listener_.ready();
  }
  void shut() override { flow_->shut(); }

 private:
  RunListener& listener_;
  std::shared_ptr<StreamFlow> flow_;
  std::mutex mutex_;
};

}  // namespace

InlineCollector::InlineCollector(Spec spec, Executor executor)
    : spec_(std::move(spec)), executor_(std::move(executor)), plugin_(make_instance()) {}

InlineCollector::~InlineCollector() {
  if (stream_.joinable()) stream_.join();
  destroy(std::move(plugin_));
}

void InlineCollector::start(const Run& run, RunListener& listener) {
  token_.reset();
  listener_ = &listener;
  run_ = run;
  if (spec_.streaming) {
    if (stream_.joinable()) stream_.join();  // the last one has ended
    flow_ = std::make_shared<StreamFlow>();
    stream_ = start_thread([this] { this->run(); });
    return;
  }
  executor_([this] { this->run(); }, run.timing);  // so small that it costs no allocation
}

void InlineCollector::cancel() {
  token_.fire();
  const std::lock_guard lock(plugin_mutex_);
  plugin_->interrupt();
}

std::unique_ptr<PluginInstance> InlineCollector::make_instance() const {
  return std::make_unique<PluginInstance>(spec_.library, spec_.instance, *spec_.services);
}

void InlineCollector::make_anew() {
  auto other = make_instance();
  {
    const std::lock_guard lock(plugin_mutex_);
    std::swap(plugin_, other);
  }
  // It may hang, and who cancels must not wait for that.
  destroy(std::move(other));
}

void InlineCollector::destroy(std::unique_ptr<PluginInstance> plugin) {
  const NotedCall noted(host_slot(spec_.page), run_.id, spec_.instance.id);
  plugin.reset();
}

std::optional<RunResult> InlineCollector::take_next_options(Instant deadline) {
  const auto taken = plugin_->reconfigure(*next_options_, token_, deadline);
  // It goes on with the old ones, and is asked again.
  if (taken && !succeeded(taken->run_class)) return taken;
  spec_.instance.options = *std::exchange(next_options_, std::nullopt);
  if (!taken) make_anew();
  return std::nullopt;
}

RunResult InlineCollector::make_run(Instant deadline) {
  const NotedCall noted(host_slot(spec_.page), run_.id, spec_.instance.id);
  if (next_options_) {
    if (auto failure = take_next_options(deadline)) return std::move(*failure);
  }
  if (spec_.checkpoint && !plugin_->created()) plugin_->begin_at(spec_.checkpoint());
  if (spec_.streaming) {
    InlineStream sink(*listener_, flow_);
    return plugin_->stream(token_, sink);
  }
  if (run_.trigger == Trigger::probe) {
    auto probed = plugin_->probe(token_, deadline);
    if (!succeeded(probed.run_class)) return probed;
  }
  return plugin_->collect(token_, deadline);
}

void InlineCollector::run() {
  auto& listener = *listener_;
  const auto deadline = listener.began();
  if (!deadline) return listener.ended(revoked());
  const bool quick = run_.timing.expected < kQuick;
  const auto began = steady_clock::now();
  const auto cpu_before = quick ? Duration() : thread_cpu();
  auto result = make_run(*deadline);
  // With another secret it may be let in.
  if (result.run_class == RunClass::auth && spec_.services->credentials_rejected()) make_anew();
  if (!quick) result.cpu = thread_cpu() - cpu_before;
  result.took = steady_clock::now() - began;
  if (quick) result.cpu = result.took;
  listener.ended(std::move(result));  // the next run may begin, or this object be destroyed
}

}  // namespace unity::host
