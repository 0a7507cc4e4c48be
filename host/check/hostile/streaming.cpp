#include <fmt/format.h>

#include "check/hostile/instance.hpp"
#include "check/process/watchdog.hpp"

namespace unity::check {

Streaming::Streaming(Instance& instance, const CallTerms& terms)
    : instance_(instance), side_(std::make_shared<StreamSide>()) {
  thread_ = std::thread([this, terms] { enter(terms); });
}

Streaming::~Streaming() {
  if (thread_.joinable()) stop();
}

bool Streaming::wait_for(std::uint64_t batches, Duration most) {
  std::unique_lock lock(side_->mutex);
  const auto reached = [&] { return batches == 0 ? side_->ready > 0 : side_->accepted >= batches; };
  side_->changed.wait_for(lock, most, [&] { return over_ || reached(); });
  return reached();
}

bool Streaming::wait_for_push_back(Duration most) {
  std::unique_lock lock(side_->mutex);
  side_->changed.wait_for(lock, most, [&] { return over_ || side_->pushed_back > 0; });
  return side_->pushed_back > 0;
}

std::size_t Streaming::ready() const {
  const std::lock_guard lock(side_->mutex);
  return side_->ready;
}
std::uint64_t Streaming::accepted() const {
  const std::lock_guard lock(side_->mutex);
  return side_->accepted;
}
std::uint64_t Streaming::pushed_back() const {
  const std::lock_guard lock(side_->mutex);
  return side_->pushed_back;
}

void Streaming::drain() {
  const std::lock_guard lock(side_->mutex);
  side_->waiting_bytes = 0;
  side_->changed.notify_all();
}

Outcome Streaming::stop() {
  auto& world = World::get();
  const Watched watched(
      std::chrono::steady_clock::now() + world.grace + kReturnSlack,
      fmt::format("{}stream() of {} had not returned {} s after its token was fired",
                  world.scenario, instance_.name(),
                  std::chrono::duration<double>(world.grace + kReturnSlack).count()));
  // The call may not have begun: there is no token to fire yet.
  while (!over_ && !instance_.cancel()) std::this_thread::yield();
  side_->changed.notify_all();
  thread_.join();
  return std::move(outcome_);
}

}  // namespace unity::check
