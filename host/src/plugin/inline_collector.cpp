#include "plugin/inline_collector.hpp"

#include <algorithm>
#include <ctime>
#include <mutex>
#include <utility>

#include "runtime/thread.hpp"

namespace unity::host {
namespace {

using std::chrono::steady_clock;

// To ask for the cpu of a run that is over as soon costs more than the run. It is said to be the
// time that it took, of which it cannot have had more.
constexpr Duration kQuick = std::chrono::microseconds(20);

Duration thread_cpu() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

RunResult revoked() {
  RunResult result;
  result.run_class = RunClass::cancelled;
  return result;
}

// Notes the call of this thread in the host's page, for as long as it lives.
class NotedCall {
 public:
  NotedCall(SlotPage* page, Phase phase, const Run& run, const std::string& instance) {
    if (page == nullptr) return;
    static std::atomic<std::uint32_t> lanes = 0;
    thread_local const std::uint32_t lane = lanes++ % SlotPage::kLanes;
    thread_local const bool prepared = [] {
      prepare_thread_for_crash();
      set_crash_lane(lane);
      return true;
    }();
    (void)prepared;
    slot_ = &page->lanes[lane];
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    slot_->begin(phase, run.id, std::chrono::nanoseconds(now).count(), instance);
  }
  ~NotedCall() {
    if (slot_ != nullptr) slot_->end();
  }
  NotedCall(const NotedCall&) = delete;
  NotedCall& operator=(const NotedCall&) = delete;

 private:
  LaneSlot* slot_ = nullptr;
};

// From a stream to who accepts its records.
class InlineStream final : public StreamSink {
 public:
  InlineStream(RunListener& listener, std::shared_ptr<StreamFlow> flow)
      : listener_(listener), flow_(std::move(flow)) {}

  unity_status push(Emission&& emission, std::uint64_t wait_ns) override {
    constexpr std::uint64_t longest = std::uint64_t{365} * 24 * 3600 * 1'000'000'000;
    const Duration patience(static_cast<Duration::rep>(std::min(wait_ns, longest)));
    const auto bytes = emission.text.size();
    if (!flow_->enter(bytes, steady_clock::now() + patience)) {
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
    : spec_(std::move(spec)),
      executor_(std::move(executor)),
      plugin_(std::in_place, spec_.library, spec_.instance, *spec_.services) {}

InlineCollector::~InlineCollector() {
  if (stream_.joinable()) stream_.join();
}

void InlineCollector::start(const Run& run, RunListener& listener) {
  token_.reset();
  listener_ = &listener;
  run_ = run;
  if (spec_.streaming) {
    if (stream_.joinable()) stream_.join();  // the last one has ended
    flow_ = std::make_shared<StreamFlow>();
    stream_ = start_thread([this] { stream(); });
    return;
  }
  executor_([this] { this->run(); }, run.timing);  // so small that it costs no allocation
}

void InlineCollector::cancel() {
  token_.fire();
  const std::lock_guard lock(plugin_mutex_);
  plugin_->interrupt();
}

void InlineCollector::begin_at_checkpoint() {
  if (spec_.checkpoint && !plugin_->created()) plugin_->begin_at(spec_.checkpoint());
}

void InlineCollector::make_anew() {
  const std::lock_guard lock(plugin_mutex_);
  plugin_.emplace(spec_.library, spec_.instance, *spec_.services);
  begin_at_checkpoint();
}

std::optional<RunResult> InlineCollector::take_next_options(Instant deadline) {
  if (plugin_->created()) {
    auto result = plugin_->reconfigure(*next_options_, token_, deadline);
    // It goes on with the old ones, and is asked again.
    if (result && !succeeded(result->run_class)) return result;
    spec_.instance.options = *std::exchange(next_options_, std::nullopt);
    if (!result) make_anew();
    return std::nullopt;
  }
  spec_.instance.options = *std::exchange(next_options_, std::nullopt);
  make_anew();
  return std::nullopt;
}

void InlineCollector::run() {
  auto& listener = *listener_;
  const auto deadline = listener.began();
  if (!deadline) return listener.ended(revoked());
  begin_at_checkpoint();
  const NotedCall noted(spec_.page, Phase::collect, run_, spec_.instance.id);
  const bool quick = run_.timing.expected < kQuick;
  const auto began = steady_clock::now();
  const auto cpu_before = quick ? Duration() : thread_cpu();
  RunResult result;
  if (next_options_) result = take_next_options(*deadline).value_or(RunResult());
  if (run_.trigger == Trigger::probe && succeeded(result.run_class))
    result = plugin_->probe(token_, *deadline);
  if (succeeded(result.run_class)) result = plugin_->collect(token_, *deadline);
  if (!quick) result.cpu = thread_cpu() - cpu_before;
  result.took = steady_clock::now() - began;
  if (quick) result.cpu = result.took;
  listener.ended(std::move(result));  // the next run may begin, or this object be destroyed
}

void InlineCollector::stream() {
  auto& listener = *listener_;
  if (!listener.began()) return listener.ended(revoked());
  const NotedCall noted(spec_.page, Phase::stream, run_, spec_.instance.id);
  begin_at_checkpoint();
  const auto began = steady_clock::now();
  const auto cpu_before = thread_cpu();
  if (next_options_) take_next_options(Instant::max());
  InlineStream sink(listener, flow_);
  auto result = plugin_->stream(token_, sink);
  result.cpu = thread_cpu() - cpu_before;
  result.took = steady_clock::now() - began;
  listener.ended(std::move(result));
}

}  // namespace unity::host
