#include "runtime/worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <future>
#include <latch>
#include <mutex>
#include <set>
#include <thread>

namespace unity::host {
namespace {

using namespace std::chrono_literals;

constexpr RunTiming kShort = {.expected = 1us};

// Holds tasks until a test lets them go.
class Gate {
 public:
  void open() { promise_.set_value(); }
  void pass() const { opened_.wait(); }

 private:
  std::promise<void> promise_;
  std::shared_future<void> opened_ = promise_.get_future().share();
};

TEST(WorkerPool, RunsWhatIsPosted) {
  std::promise<int> done;
  WorkerPool pool(2);

  pool.post([&] { done.set_value(7); });

  EXPECT_EQ(done.get_future().get(), 7);
}

TEST(WorkerPool, RunsAsManyTasksAtOnceAsItsBound) {
  std::latch together(3);
  WorkerPool pool(3);

  // Each waits for the other two: with fewer threads this would not end.
  std::latch ended(3);
  for (int i = 0; i < 3; ++i) {
    pool.post([&] {
      together.arrive_and_wait();
      ended.count_down();
    });
  }
  ended.wait();
}

TEST(WorkerPool, BeginsWhatWasGatheredOnceItIsReleased) {
  std::atomic<int> ran = 0;
  std::latch together(3);
  WorkerPool pool(3);

  pool.gather();
  for (int i = 0; i < 3; ++i) {
    pool.post([&] {
      ++ran;
      together.arrive_and_wait();  // one thread calls the next, also if it is held up
    });
  }
  EXPECT_EQ(ran, 0);
  pool.release();

  together.wait();
  EXPECT_EQ(ran, 3);
}

TEST(WorkerPool, CallsAnIdleThreadForATaskBehindOneThatBlocks) {
  std::deque<std::latch> rounds;  // each outlives the threads that wait there
  WorkerPool pool(2);
  for (int round = 0; round < 200; ++round) {
    auto& both = rounds.emplace_back(2);
    pool.gather();
    for (int i = 0; i < 2; ++i) pool.post([&] { both.arrive_and_wait(); });
    pool.release();
    both.wait();
  }
}

TEST(WorkerPool, LeavesShortTasksToTheThreadThatIsAwake) {
  std::set<std::thread::id> threads;
  std::mutex mutex;
  std::latch ended(50);
  WorkerPool pool(8);

  pool.gather();
  for (int i = 0; i < 50; ++i) {
    pool.post(
        [&] {
          {
            const std::lock_guard lock(mutex);
            threads.insert(std::this_thread::get_id());
          }
          ended.count_down();
        },
        kShort);
  }
  pool.release();
  ended.wait();

  EXPECT_EQ(threads.size(), 1u);
}

TEST(WorkerPool, CallsAnotherThreadIfWhatShouldBeShortIsNot) {
  Gate gate;
  std::latch entered(1);
  std::latch ran(2);
  WorkerPool pool(2);
  pool.gather();
  pool.post(
      [&] {
        entered.count_down();
        gate.pass();
      },
      kShort);
  pool.post([&] { ran.count_down(); }, kShort);
  pool.release();
  entered.wait();

  // Nobody need begin the others until the owner looks, a while after the first began.
  const auto later = std::chrono::steady_clock::now() + 1h;
  EXPECT_TRUE(pool.look(later));
  pool.post([&] { ran.count_down(); }, kShort);
  pool.look(later);
  ran.wait();

  EXPECT_EQ(pool.look(later), std::nullopt);
  gate.open();
}

TEST(WorkerPool, BeginsNothingBeforeItsTime) {
  const auto soon = std::chrono::steady_clock::now() + 30ms;
  std::promise<Instant> first;
  std::promise<Instant> second;
  WorkerPool pool(2);

  pool.post([&] { second.set_value(std::chrono::steady_clock::now()); }, {soon + 10ms, 1us});
  pool.post([&] { first.set_value(std::chrono::steady_clock::now()); }, {soon, 1us});

  EXPECT_GE(first.get_future().get(), soon);
  EXPECT_GE(second.get_future().get(), soon + 10ms);
}

TEST(WorkerPool, ServesWhatIsDueWhileAThreadWaitsForATime) {
  std::promise<void> ran;
  WorkerPool pool(1);
  pool.post([] {}, {std::chrono::steady_clock::now() + 1h, 1us});

  pool.post([&] { ran.set_value(); });

  ran.get_future().wait();
}

TEST(WorkerPool, BeginsAtOnceWhatWaitsForItsTimeIfItIsHurried) {
  std::promise<void> ran;
  WorkerPool pool(1);
  pool.post([&] { ran.set_value(); }, {std::chrono::steady_clock::now() + 1h, 1us});

  pool.hurry();

  ran.get_future().wait();
}

TEST(WorkerPool, WatchesTheTimeWhileAnotherThreadIsHeldUp) {
  Gate gate;
  std::promise<void> ran;
  WorkerPool pool(2);
  pool.post([&] { gate.pass(); });

  pool.post([&] { ran.set_value(); }, {std::chrono::steady_clock::now() + 1ms, 1us});

  ran.get_future().wait();
  gate.open();
}

TEST(WorkerPool, NeverRunsMoreTasksThanItsBound) {
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  std::latch ended(200);
  WorkerPool pool(3);

  for (int i = 0; i < 200; ++i) {
    pool.post([&] {
      const int now = ++running;
      for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
      }
      std::this_thread::yield();
      --running;
      ended.count_down();
    });
  }
  ended.wait();

  EXPECT_LE(most, 3);
}

TEST(WorkerPool, StartsATaskThatWaitedOnceAHangingOneIsWrittenOff) {
  Gate gate;
  std::promise<void> ran;
  WorkerPool pool(1);
  pool.post([&] { gate.pass(); });
  pool.post([&] { ran.set_value(); });

  pool.write_off();

  const auto status = ran.get_future().wait_for(std::chrono::seconds(20));
  gate.open();
  EXPECT_EQ(status, std::future_status::ready);
}

TEST(WorkerPool, RunsOnAfterAHangingTaskCameBack) {
  Gate gate;
  std::latch returned(1);
  WorkerPool pool(1);
  pool.post([&] {
    gate.pass();
    returned.count_down();
  });
  pool.write_off();
  std::latch first(1);
  pool.post([&] { first.count_down(); });
  first.wait();

  gate.open();
  returned.wait();
  pool.take_back();

  std::latch rest(50);
  std::atomic<int> running = 0;
  std::atomic<bool> alone = true;
  for (int i = 0; i < 50; ++i) {
    pool.post([&] {
      if (++running > 1) alone = false;
      std::this_thread::yield();
      --running;
      rest.count_down();
    });
  }
  rest.wait();
  EXPECT_TRUE(alone);
}

}  // namespace
}  // namespace unity::host
