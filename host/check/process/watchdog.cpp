#include "check/process/watchdog.hpp"

#include <unistd.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "check/verdict.hpp"

namespace unity::check {
namespace {

struct Wait {
  Instant reminded_at;
  std::function<void()> remind;
  Instant ends_at;
  std::string text;
};

struct Dog {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::uint64_t, Wait> waits;
  std::uint64_t next_id = 0;
  SharedPage* page = nullptr;
};

// Never freed: its thread goes on until the process ends.
Dog*& kept_dog() {
  static auto* kept = new Dog;
  return kept;
}
Dog& dog() { return *kept_dog(); }

[[noreturn]] void end_process(const std::string& text) {
  Findings findings;
  findings.fail("{}", text);
  dog().page->set_result(json::dump(findings.to_json()));
  ::_exit(0);
}

void watch() {
  auto& dog = check::dog();
  std::unique_lock lock(dog.mutex);
  for (;;) {
    auto next = Instant::max();
    const auto now = std::chrono::steady_clock::now();
    for (auto& [id, wait] : dog.waits) {
      if (now >= wait.ends_at) end_process(wait.text);
      if (wait.remind && now >= wait.reminded_at) {
        wait.remind();
        wait.remind = nullptr;
      }
      next = std::min({next, wait.ends_at, wait.remind ? wait.reminded_at : Instant::max()});
    }
    if (next == Instant::max()) {
      dog.changed.wait(lock);
    } else {
      dog.changed.wait_until(lock, next);
    }
  }
}

}  // namespace

void start_watchdog(SharedPage* page) {
  auto& dog = check::dog();
  const std::lock_guard lock(dog.mutex);
  if (dog.page != nullptr) return;
  dog.page = page;
  std::thread(watch).detach();
}

pid_t fork_unwatched() {
  const auto child = ::fork();
  if (child == 0) kept_dog() = new Dog;
  return child;
}

Watched::Watched(Instant reminded_at, std::function<void()> remind, Instant ends_at,
                 std::string text) {
  auto& dog = check::dog();
  const std::lock_guard lock(dog.mutex);
  id_ = dog.next_id++;
  dog.waits.emplace(id_, Wait{reminded_at, std::move(remind), ends_at, std::move(text)});
  dog.changed.notify_all();
}

Watched::~Watched() {
  auto& dog = check::dog();
  const std::lock_guard lock(dog.mutex);
  dog.waits.erase(id_);
}

}  // namespace unity::check
