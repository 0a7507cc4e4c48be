#include "workers/worker_collector.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "log/log.hpp"
#include "runtime/thread.hpp"

namespace unity::host {
namespace {

using std::chrono::steady_clock;

constexpr auto kDestroyTime = std::chrono::seconds(1);
// Runs that end because another's fault ended the worker are made again, but not for ever.
constexpr int kAttempts = 4;
constexpr std::size_t kDeniedKept = 32;

}  // namespace

RunResult WorkerCollector::failed(RunClass run_class, std::string message) {
  RunResult result;
  result.run_class = run_class;
  result.message = std::move(message);
  return result;
}

WorkerCollector::WorkerCollector(Spec spec, Workers& workers, Executor executor)
    : spec_(std::move(spec)), workers_(workers), executor_(std::move(executor)) {}

WorkerCollector::~WorkerCollector() {
  if (stream_.joinable()) stream_.join();
  destroy_instance();
  if (worker_ && !spec_.pool) worker_->kill("nobody uses it any more");
}

void WorkerCollector::start(const Run& run, RunListener& listener) {
  run_ = run;
  listener_ = &listener;
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = false;
    loading_.reset();  // of a run that came to no call
  }
  if (!spec_.streaming) return executor_([this] { this->run(); }, run.timing);
  if (stream_.joinable()) stream_.join();  // the last one has ended
  flow_ = std::make_shared<StreamFlow>();
  stream_ = start_thread([this] { this->run(); });
}

void WorkerCollector::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (lane_ == nullptr) return;
  worker_->slot(*lane_).cancelled = run_.id;
  lane_->was_cancelled = true;
  const std::uint64_t one = 1;
  (void)!::write(lane_->cancelled.get(), &one, sizeof one);
}

bool WorkerCollector::kill(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (flow_) flow_->shut();
  if (lane_ != nullptr) worker_->kill(reason, lane_->number);
  if (loading_) loading_->kill(reason);
  return true;
}

bool WorkerCollector::enter(Worker::Lane& lane) {
  if (std::exchange(lane.was_cancelled, false)) {  // in a call before, of whichever collector
    std::uint64_t count = 0;
    (void)!::read(lane.cancelled.get(), &count, sizeof count);
  }
  const std::lock_guard lock(mutex_);
  if (cancelled_) return false;
  lane_ = &lane;
  loading_.reset();
  return true;
}

void WorkerCollector::leave() {
  const std::lock_guard lock(mutex_);
  lane_ = nullptr;
}

void WorkerCollector::run() {
  auto& listener = *listener_;
  const auto deadline = listener.began();
  if (!deadline) return listener.ended(failed(RunClass::cancelled, {}));
  const auto began = steady_clock::now();
  auto result = make_run(*deadline);
  result.took = steady_clock::now() - began;
  listener.ended(std::move(result));  // the next run may begin, or this object be destroyed
}

void WorkerCollector::destroy_instance() {
  if (worker_ && instance_ != 0 && worker_->usable()) {
    if (const auto lane = worker_->destroy_instance(instance_, kDestroyTime)) {
      after_end_in_destroy(*lane);
    }
  }
  instance_ = 0;
}

std::optional<RunResult> WorkerCollector::take_next_options(Instant deadline) {
  auto options = *std::exchange(next_options_, std::nullopt);
  if (instance_ != 0 && worker_ && worker_->usable()) {
    unsupported_ = false;
    auto result = call(CallKind::reconfigure, deadline, options);
    if (!unsupported_ && !succeeded(result.run_class)) {
      next_options_ = std::move(options);  // it goes on with the old ones, and is asked again
      return result;
    }
    if (unsupported_) destroy_instance();
  }
  spec_.instance.options = std::move(options);
  return std::nullopt;
}

RunResult WorkerCollector::make_run(Instant deadline) {
  if (next_options_) {
    if (auto failure = take_next_options(deadline)) return std::move(*failure);
  }
  if (spec_.streaming) return call(CallKind::stream, deadline);
  if (run_.trigger == Trigger::probe) {
    auto probed = call(CallKind::probe, deadline);
    if (!succeeded(probed.run_class)) return probed;
  }
  return call(CallKind::collect, deadline);
}

RunResult WorkerCollector::call(CallKind kind, Instant deadline, const std::string& options) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (worker_ && !worker_->usable()) after_end_between();
    if (workers_.quarantine().reason(spec_.image->hash)) return quarantined();
    if (const auto ready = prepare(); !ready) {
      if (ready.error().code == Errc::refused) return failed(RunClass::cancelled, {});
      if (worker_ && ready.error().code == Errc::unavailable) {  // it ended in that
        if (auto result = after_end(CrashReport::kNoLane)) return std::move(*result);
        continue;
      }
      const bool ours = ready.error().code == Errc::invalid;
      return failed(ours ? RunClass::permanent : RunClass::transient, ready.error().message);
    }
    auto* lane = worker_->take_lane();
    if (lane == nullptr) {
      if (worker_->usable())
        return failed(RunClass::transient, "its worker has no room for a call");
      if (auto result = after_end(CrashReport::kNoLane)) return std::move(*result);
      continue;
    }
    auto answer = exchange(*lane, kind, deadline, options);
    if (answer.result) {
      worker_->give_back(lane);
      return finish(std::move(*answer.result));
    }
    if (auto result = after_end(answer.lane)) return std::move(*result);
  }
  return failed(
      RunClass::transient,
      "other collectors brought down the worker that it shares with them, again and again");
}

Result<void> WorkerCollector::prepare() {
  if (undying_ && undying_->alive()) {
    return Error{Errc::internal,
                 "its last worker was killed and does not die; no other is started"};
  }
  undying_.reset();
  if (!worker_) {
    auto worker = spec_.pool ? spec_.pool->get()
                             : workers_.start(spec_.confinement, "collector " + spec_.instance.id);
    if (!worker) return worker.error();
    worker_ = std::move(*worker);
  }
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_) return Error{Errc::refused, "the run was cancelled"};
    loading_ = worker_;
  }
  if (instance_ != 0) return {};
  return load();
}

Result<void> WorkerCollector::load() {
  const auto image = worker_->load(spec_.image);
  if (!image) return image.error();
  auto instance = spec_.instance;
  if (spec_.checkpoint) instance.checkpoint = spec_.checkpoint();
  const auto added = worker_->add_instance(*image, instance, spec_.services);
  if (!added) return added.error();
  instance_ = *added;
  return {};
}

WorkerCollector::Answer WorkerCollector::exchange(Worker::Lane& lane, CallKind kind,
                                                  Instant deadline, const std::string& options) {
  Answer answer;
  answer.lane = lane.number;
  if (!enter(lane)) {
    answer.result.emplace();
    answer.result->result = failed(RunClass::cancelled, {});
    return answer;
  }
  CallMessage message;
  message.instance = instance_;
  message.kind = kind;
  message.run = run_.id;
  message.deadline_ns = deadline.time_since_epoch().count();
  message.options = options;
  if (lane.channel.send(encode(message))) answer.result = receive(lane);
  leave();
  return answer;
}

std::optional<ResultMessage> WorkerCollector::receive(Worker::Lane& lane) {
  const auto strange = [&] {
    worker_->kill("what it answered is not of the protocol", lane.number);
    return std::nullopt;
  };
  while (lane.channel.receive()) {
    const auto kind = kind_to_host(lane.channel.message());
    if (kind == ToHost::result) {
      auto message = decode<ResultMessage>(lane.channel.message());
      if (message) return message;
      return strange();
    }
    if (!spec_.streaming) return strange();
    if (kind == ToHost::stream_ready) {
      listener_->ready();
      continue;
    }
    auto batch = kind == ToHost::batch ? decode<BatchMessage>(lane.channel.message())
                                       : std::optional<BatchMessage>();
    if (!batch) return strange();
    std::size_t bytes = 0;
    for (const auto& emission : batch->emissions) bytes += size_in_flow(emission);
    // Not reading on is what slows the source.
    if (!flow_->enter(bytes, Instant::max())) return std::nullopt;
    listener_->emitted(std::move(batch->emissions), [flow = flow_, bytes] { flow->leave(bytes); });
  }
  return std::nullopt;
}

RunResult WorkerCollector::finish(ResultMessage&& message) {
  note_denials(message);
  unsupported_ = message.unsupported;
  auto& result = message.result;
  // With another secret it may be let in.
  if (result.run_class == RunClass::auth && spec_.services->credentials_rejected())
    destroy_instance();
  if (succeeded(result.run_class)) ends_in_a_row_ = 0;
  if (ended_between_.empty()) return std::move(result);
  if (result.run_class == RunClass::ok) result.run_class = RunClass::partial;
  if (!result.message.empty()) result.message += "; ";
  result.message += std::exchange(ended_between_, {});
  return std::move(result);
}

void WorkerCollector::note_denials(ResultMessage& message) {
  auto& result = message.result;
  for (const auto& denied : message.denied) {
    if (!succeeded(result.run_class) || result.run_class == RunClass::partial) {
      result.message += "; " + denied;
    }
    if (denied_.size() == kDeniedKept ||
        std::find(denied_.begin(), denied_.end(), denied) != denied_.end()) {
      continue;
    }
    denied_.push_back(denied);
    log_warn("collector {}: {}", spec_.instance.id, denied);
  }
}

}  // namespace unity::host
