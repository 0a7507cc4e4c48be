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
      plugin_(spec_.library, spec_.instance, *spec_.services) {}

InlineCollector::~InlineCollector() {
  if (stream_.joinable()) stream_.join();
}

void InlineCollector::start(const Run& run, RunListener& listener) {
  token_.reset();
  listener_ = &listener;
  trigger_ = run.trigger;
  expected_ = run.timing.expected;
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
  plugin_.interrupt();
}

void InlineCollector::begin_at_checkpoint() {
  if (spec_.checkpoint && !plugin_.created()) plugin_.begin_at(spec_.checkpoint());
}

void InlineCollector::run() {
  auto& listener = *listener_;
  const auto deadline = listener.began();
  if (!deadline) return listener.ended(revoked());
  begin_at_checkpoint();
  const bool quick = expected_ < kQuick;
  const auto began = steady_clock::now();
  const auto cpu_before = quick ? Duration() : thread_cpu();
  RunResult result;
  if (trigger_ == Trigger::probe) result = plugin_.probe(token_, *deadline);
  if (succeeded(result.run_class)) result = plugin_.collect(token_, *deadline);
  if (!quick) result.cpu = thread_cpu() - cpu_before;
  result.took = steady_clock::now() - began;
  if (quick) result.cpu = result.took;
  listener.ended(std::move(result));  // the next run may begin, or this object be destroyed
}

void InlineCollector::stream() {
  auto& listener = *listener_;
  if (!listener.began()) return listener.ended(revoked());
  begin_at_checkpoint();
  const auto began = steady_clock::now();
  const auto cpu_before = thread_cpu();
  InlineStream sink(listener, flow_);
  auto result = plugin_.stream(token_, sink);
  result.cpu = thread_cpu() - cpu_before;
  result.took = steady_clock::now() - began;
  listener.ended(std::move(result));
}

}  // namespace unity::host
