#include "runtime/collector_disposal.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>

#include "runtime/thread.hpp"

namespace unity::host {

struct CollectorDisposal::Work {
  struct Item {
    std::string id;
    std::unique_ptr<Collector> collector;
  };

  void serve() {
    std::unique_lock lock(mutex);
    while (!items.empty()) {
      auto collector = std::move(items.front().collector);
      lock.unlock();
      collector.reset();
      lock.lock();
      items.pop_front();
      change.notify_all();
    }
    serving = false;
  }

  std::mutex mutex;
  std::condition_variable change;
  std::deque<Item> items;  // the first is being destroyed
  bool serving = false;
};

CollectorDisposal::CollectorDisposal() : work_(std::make_shared<Work>()) {}
CollectorDisposal::~CollectorDisposal() = default;

void CollectorDisposal::add(std::string id, std::unique_ptr<Collector> collector) {
  const std::lock_guard lock(work_->mutex);
  work_->items.push_back({std::move(id), std::move(collector)});
  if (std::exchange(work_->serving, true)) return;
  start_thread([work = work_] { work->serve(); }).detach();
}

std::vector<std::string> CollectorDisposal::wait(Instant deadline) {
  std::unique_lock lock(work_->mutex);
  work_->change.wait_until(lock, deadline, [this] { return work_->items.empty(); });
  std::vector<std::string> left;
  for (const auto& item : work_->items) left.push_back(item.id);
  return left;
}

}  // namespace unity::host
