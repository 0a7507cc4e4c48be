#include "worker/process/lane_stream.hpp"

#include <algorithm>
#include <chrono>
#include <span>

namespace unity::host {
namespace {

// More than this waits for the host only if a single emission is larger.
constexpr std::size_t kRoom = std::size_t{1} << 20;
// What is emitted record by record is put together, up to so much; what is larger is not copied.
constexpr std::size_t kSmall = std::size_t{4} << 10;
constexpr std::size_t kTogether = std::size_t{64} << 10;

// What an emission, or a message, has beside its texts is less.
constexpr std::size_t kAround = 64;

bool can_join(const Emission& before, const Emission& next) {
  return before.format == Emission::Format::ndjson && next.format == Emission::Format::ndjson &&
         before.time == next.time && before.dataset == next.dataset && next.text.size() <= kSmall &&
         before.text.size() + next.text.size() < kTogether;
}

// How many of the first make a message of about a packet; one at least.
std::size_t count_together(std::span<const Emission> emissions) {
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (const auto& emission : emissions) {
    bytes += kAround + emission.text.size() + emission.checkpoint.size() + emission.dataset.size();
    if (count > 0 && bytes > Channel::kPacketMax - kAround) break;
    ++count;
  }
  return count;
}

}  // namespace

LaneStream::LaneStream(Channel& channel) : channel_(channel) {
  sender_ = std::thread([this] { send_all(); });
}

unity_status LaneStream::push(Emission&& emission, std::uint64_t wait_ns) {
  std::unique_lock lock(mutex_);
  const auto has_room = [&] {
    return shut_ || bytes_ == 0 || bytes_ + emission.text.size() <= kRoom;
  };
  if (!has_room()) {
    if (!room_.wait_for(lock, patience_of(wait_ns), has_room)) return UNITY_E_AGAIN;
  }
  if (shut_) return UNITY_E_CANCELLED;
  const bool wake = waiting_.empty();
  add(std::move(emission));
  lock.unlock();
  if (wake) wake_.notify_one();
  return UNITY_OK;
}

void LaneStream::add(Emission&& emission) {
  if (waiting_.empty() || !can_join(waiting_.back(), emission)) {
    bytes_ += size_in_flow(emission);
    waiting_.push_back(std::move(emission));
    return;
  }
  bytes_ += emission.text.size();
  auto& last = waiting_.back();
  if (last.text.capacity() < kTogether) last.text.reserve(kTogether);
  if (!last.text.empty() && last.text.back() != '\n') last.text += '\n';
  last.text += emission.text;
  // A checkpoint speaks of all records before it as well.
  if (!emission.checkpoint.empty()) last.checkpoint = std::move(emission.checkpoint);
}

void LaneStream::ready() {
  {
    const std::lock_guard lock(mutex_);
    ready_ = true;
  }
  wake_.notify_one();
}

void LaneStream::shut() {
  {
    const std::lock_guard lock(mutex_);
    shut_ = true;
  }
  room_.notify_all();
}

void LaneStream::finish() {
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
  }
  wake_.notify_one();
  if (sender_.joinable()) sender_.join();
}

void LaneStream::send_all() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return finished_ || ready_ || !waiting_.empty(); });
    if (waiting_.empty() && !ready_) return;
    std::vector<Emission> emissions;
    std::swap(emissions, waiting_);
    bytes_ = 0;
    const bool ready = std::exchange(ready_, false);
    lock.unlock();
    room_.notify_all();
    if (ready) channel_.send(encode_stream_ready());
    // A host that is gone ends this process; nothing is to be done about it here.
    for (std::span<const Emission> rest = emissions; !rest.empty();) {
      const auto batch = rest.first(count_together(rest));
      channel_.send_parts(with_texts(encode_without_texts(batch), batch));
      rest = rest.subspan(batch.size());
    }
    lock.lock();
  }
}

}  // namespace unity::host
