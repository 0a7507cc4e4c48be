#include "worker/process/process.hpp"

#include <chrono>

#include "worker/base/thread_cpu.hpp"
#include "worker/confine/denials.hpp"
#include "worker/process/lane_stream.hpp"
#include "worker/protocol/confinement_wire.hpp"
#include "worker/runtime/limits.hpp"

namespace unity::host {
namespace {

// The call that a lane makes was cancelled, as the host says in the slot.
class LaneToken final : public CancelToken {
 public:
  LaneToken(const LaneSlot& slot, std::uint64_t run, int fd) : slot_(slot), run_(run), fd_(fd) {}
  bool fired() const override { return slot_.cancelled == run_; }
  int fd() override { return fd_; }

 private:
  const LaneSlot& slot_;
  std::uint64_t run_;
  int fd_;
};

}  // namespace

void WorkerProcess::serve(std::uint32_t number, Channel channel, FileDescriptor cancelled) {
  Lane lane{number, std::move(channel), std::move(cancelled), page_.lanes.at(number)};
  while (lane.channel.receive() && answer(lane)) {
  }
}

bool WorkerProcess::answer(Lane& lane) {
  const auto kind = kind_to_worker(lane.channel.message());
  if (!kind) return false;
  switch (*kind) {
    case ToWorker::confine:
      return confine(lane);
    case ToWorker::add_lane:
      return add_lane(lane);
    case ToWorker::load:
      return load(lane);
    case ToWorker::add_instance:
      return add_instance(lane);
    case ToWorker::call:
      return call(lane);
    case ToWorker::destroy:
      return destroy(lane);
  }
  return false;
}

bool WorkerProcess::confine(Lane& lane) {
  const auto message = decode<ConfineMessage>(lane.channel.message());
  const auto wanted = message ? decode_confinement(message->bytes) : std::nullopt;
  if (!wanted) return false;
  return lane.channel.send(encode(ReadyMessage{worker::confine_self(*wanted).gaps}));
}

bool WorkerProcess::add_lane(Lane& lane) {
  const auto message = decode<AddLaneMessage>(lane.channel.message());
  auto& descriptors = lane.channel.descriptors();
  if (!message || message->lane >= SlotPage::kLanes || descriptors.size() != 2) return false;
  std::thread([this, number = message->lane, channel = Channel(std::move(descriptors[0])),
               cancelled = std::move(descriptors[1])]() mutable {
    serve(number, std::move(channel), std::move(cancelled));
  }).detach();
  return lane.channel.send(encode(ReadyMessage{}));
}

bool WorkerProcess::load(Lane& lane) {
  auto message = decode<LoadMessage>(lane.channel.message());
  auto& descriptors = lane.channel.descriptors();
  if (!message || descriptors.size() != 1) return false;
  const int fd = descriptors[0].release();  // for as long as the process lives
  const auto index = message->image - 1;
  if (index < SlotPage::kImages) page_.descriptors[index] = fd + 1;
  const std::lock_guard lock(mutex_);
  auto library = [&] {
    const NotedCall noted(&lane.slot, 0, message->identity.path);
    const NotedPhase loading(Phase::load);
    return Library::load(fd, std::move(message->identity));
  }();
  if (!library) return lane.channel.send(encode(FailedMessage{library.error().message}));
  images_[message->image] = std::move(*library);
  return lane.channel.send(encode(ReadyMessage{}));
}

bool WorkerProcess::add_instance(Lane& lane) {
  const auto message = decode<AddInstanceMessage>(lane.channel.message());
  if (!message) return false;
  const std::lock_guard lock(mutex_);
  const auto image = images_.find(message->image);
  if (image == images_.end() || image->second->find(message->spec.collector) == nullptr) {
    return false;
  }
  instances_[message->instance] = std::make_shared<Hosted>(services_, *message, image->second);
  return lane.channel.send(encode(ReadyMessage{}));
}

std::shared_ptr<WorkerProcess::Hosted> WorkerProcess::find(std::uint32_t instance) {
  const std::lock_guard lock(mutex_);
  const auto found = instances_.find(instance);
  return found != instances_.end() ? found->second : nullptr;
}

bool WorkerProcess::call(Lane& lane) {
  const auto message = decode<CallMessage>(lane.channel.message());
  const auto hosted = message ? find(message->instance) : nullptr;
  if (!hosted) return false;
  const auto began = std::chrono::steady_clock::now();
  const auto cpu_before = thread_cpu();
  auto answer = make_call(lane, *hosted, *message);
  answer.result.cpu = thread_cpu() - cpu_before;
  answer.result.took = std::chrono::steady_clock::now() - began;
  take_denials(answer);
  const auto head = encode_without_texts(answer);
  return lane.channel.send_parts(with_texts(head, answer.result.emissions));
}

ResultMessage WorkerProcess::make_call(Lane& lane, Hosted& hosted, const CallMessage& message) {
  const NotedCall noted(&lane.slot, message.run, hosted.id);
  LaneToken token(lane.slot, message.run, lane.cancelled.get());
  const Instant deadline{Duration(message.deadline_ns)};
  std::optional<Interrupter::Watch> watch;
  if (hosted.plugin.can_be_interrupted()) {
    watch.emplace(interrupter_, lane.cancelled.get(), [&hosted] { hosted.plugin.interrupt(); });
  }
  ResultMessage answer;
  switch (message.kind) {
    case CallKind::collect:
      answer.result = hosted.plugin.collect(token, deadline);
      break;
    case CallKind::probe:
      answer.result = hosted.plugin.probe(token, deadline);
      break;
    case CallKind::stream: {
      LaneStream sink(lane.channel);
      answer.result = hosted.plugin.stream(token, sink);
      sink.finish();
      break;
    }
    case CallKind::reconfigure: {
      auto result = hosted.plugin.reconfigure(message.options, token, deadline);
      answer.unsupported = !result;
      if (result) answer.result = std::move(*result);
      break;
    }
  }
  return answer;
}

// They are the process's: in a pooled worker, one of another call may be among them.
void WorkerProcess::take_denials(ResultMessage& answer) {
  const std::lock_guard lock(mutex_);
  auto& denials = worker::Denials::of_process();
  // A thread that is denied again and again must not keep the others from their answers.
  while (answer.denied.size() < kDeniedMax) {
    const auto denied = denials.take();
    if (!denied) break;
    answer.denied.push_back(describe(*denied));
  }
  if (page_.out_of_memory.exchange(0) != 0) {
    answer.denied.emplace_back(
        "it reached the limit of its memory, which `limits.memory` of the collector raises");
  }
}

bool WorkerProcess::destroy(Lane& lane) {
  const auto message = decode<DestroyMessage>(lane.channel.message());
  auto hosted = message ? find(message->instance) : nullptr;
  if (!hosted) return false;
  {
    const std::lock_guard lock(mutex_);
    instances_.erase(message->instance);
  }
  {
    const NotedCall noted(&lane.slot, 0, hosted->id);
    hosted.reset();
  }
  return lane.channel.send(encode(ReadyMessage{}));
}

}  // namespace unity::host
