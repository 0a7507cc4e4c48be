#include "delivery/maintainer.hpp"

#include <utility>

#include "base/wall_clock.hpp"
#include "log/log.hpp"
#include "runtime/thread.hpp"

namespace unity::host {

Maintainer::Maintainer(std::string storage, Open open)
    : storage_(std::move(storage)), open_(std::move(open)) {
  thread_ = start_thread([this] { serve(); });
}

Maintainer::~Maintainer() {
  if (!thread_.joinable()) return;
  stop();
  thread_.join();
}

std::string Maintainer::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

void Maintainer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
}

bool Maintainer::stopped(Instant deadline) {
  std::unique_lock lock(mutex_);
  if (!wake_.wait_until(lock, deadline, [this] { return ended_; })) return false;
  lock.unlock();
  if (thread_.joinable()) thread_.join();
  return true;
}

void Maintainer::serve() {
  std::unique_lock lock(mutex_);
  while (!stopping_ && !needs_none_) {
    lock.unlock();
    const bool more = work();
    lock.lock();
    if (more || needs_none_) continue;
    wake_.wait_for(lock, db::kMaintenancePause, [this] { return stopping_.load(); });
  }
  ended_ = true;
  lock.unlock();
  wake_.notify_all();
}

bool Maintainer::work() {
  if (!maintenance_) {
    auto opened = open_();
    if (!opened) {
      note(opened.error().message);
      return false;
    }
    maintenance_ = std::move(*opened);
    needs_none_ = !maintenance_;
    if (needs_none_) return false;
  }
  const auto more = maintenance_->work(wall_now(), stopping_);
  if (!more) {
    note(more.error().message);
    return false;
  }
  if (!*more) note({});  // else what has failed may be told later
  return *more;
}

void Maintainer::note(std::string problem) {
  const auto before = [&] {
    const std::lock_guard lock(mutex_);
    return std::exchange(problem_, problem);
  }();
  if (before.empty() && !problem.empty()) {
    log_warn("storage {} is not kept in order: {}", storage_, problem);
  } else if (!before.empty() && problem.empty()) {
    log_info("storage {} is kept in order again", storage_);
  }
}

}  // namespace unity::host
