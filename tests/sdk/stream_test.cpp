// Streaming collectors: pushed records, back-pressure, checkpoints.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "unity/plugin.hpp"
#include "unity/testkit.hpp"

namespace unity::sdk {
namespace {

using std::chrono::seconds;
using testkit::Instance;
using testkit::Plugin;
using testkit::StreamRun;

// Counts from its checkpoint to `last`, one record a number. Waits `patience` seconds for room.
class Counter {
 public:
  Counter(Host host, const Options& options, const Start& start)
      : host_(host), last_(options.integer("last")), patience_(options.integer("patience")) {
    if (!start.checkpoint.empty()) next_ = std::stoll(std::string(start.checkpoint)) + 1;
  }
  void stream(Call call, Stream stream) {
    stream.ready();
    while (next_ <= last_) {
      call.end_if_cancelled();
      Records records;
      records.metric("count").field("number", next_);
      if (stream.emit(records, patience_, std::to_string(next_))) {
        ++next_;
      } else {
        ++dropped_;
        host_.warn("the queue is full");
      }
    }
  }

 private:
  Host host_;
  std::int64_t last_;
  std::chrono::seconds patience_;
  std::int64_t next_ = 1;
  int dropped_ = 0;
};

constexpr auto kCounter = streaming<Counter>("counter");

std::string options(int last, int patience = 10) {
  return "{\"last\":" + std::to_string(last) + ",\"patience\":" + std::to_string(patience) + "}";
}

TEST(Stream, DeliversUntilTheSourceEnds) {
  testkit::Host host;
  Instance instance(host, Plugin(kCounter), options(100));
  StreamRun run(instance, 4);

  EXPECT_TRUE(run.wait_ready());
  const auto outcome = run.finish();

  EXPECT_EQ(outcome.status, UNITY_END);
  EXPECT_EQ(outcome.records().size(), 100u);
  EXPECT_EQ(host.checkpoint(), "100");
  EXPECT_TRUE(host.breaches().empty());
}

TEST(Stream, EmitWaitsForRoomAndIsRefusedWhenItsTimeIsUp) {
  testkit::Host host;
  Instance instance(host, Plugin(kCounter), options(3));
  StreamRun run(instance, 2);

  ASSERT_TRUE(run.wait_pressure());
  EXPECT_EQ(run.refused(), 0u);
  host.advance_ns(10'000'000'000);
  while (run.refused() == 0) std::this_thread::yield();
  EXPECT_EQ(run.take()->checkpoint, "1");  // makes room for the third

  EXPECT_EQ(run.finish().records().size(), 3u);
  EXPECT_EQ(run.refused(), 1u);
}

TEST(Stream, ACancelledStreamEndsAlsoWhileItWaitsForRoom) {
  testkit::Host host;
  Instance instance(host, Plugin(kCounter), options(1000));
  StreamRun run(instance, 2);
  ASSERT_TRUE(run.wait_pressure());

  const auto outcome = run.stop();

  EXPECT_EQ(outcome.status, UNITY_E_CANCELLED);
  EXPECT_FALSE(host.trouble_reported());
}

TEST(Stream, OnlyWhatWasTakenIsDurable) {
  testkit::Host host;
  {
    Instance instance(host, Plugin(kCounter), options(10));
    StreamRun run(instance, 2);
    EXPECT_EQ(run.take()->checkpoint, "1");
    EXPECT_EQ(run.take()->checkpoint, "2");
    ASSERT_TRUE(run.wait_pressure());
  }  // killed with two batches in the queue

  Instance again(host, Plugin(kCounter), options(10));
  StreamRun run(again);

  EXPECT_EQ(run.take()->records().at(0).number("number"), 3);
}

// Emits from threads of its own and waits to be woken.
class Threads {
 public:
  Threads(Host, const Options&) {}
  void stream(Call call, Stream stream) {
    auto push = [stream](const char* name) {
      for (int i = 0; i < 50; ++i) {
        Records records;
        records.metric("thread").tag("name", name).field("number", i);
        if (stream.try_emit(UNITY_DATASET_METRICS, records, seconds(1)) != UNITY_OK) return;
      }
    };
    std::thread a(push, "a"), b(push, "b");
    a.join();
    b.join();
    while (!call.cancelled_within(seconds(60))) {
    }
  }
};

constexpr auto kThreads = streaming<Threads>("threads");

TEST(Stream, TakesFromAnyThreadAndWakesWhoeverWaitsForTheToken) {
  testkit::Host host;
  Instance instance(host, Plugin(kThreads));
  StreamRun run(instance, 3);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(run.take());

  const auto outcome = run.stop();

  EXPECT_EQ(outcome.status, UNITY_E_CANCELLED);
  EXPECT_EQ(outcome.records().size(), 100u);
  EXPECT_TRUE(host.breaches().empty());
}

// A host that has no descriptor left, and cancels at the third look.
TEST(Stream, IsWokenByAHostThatHasNoDescriptorLeft) {
  static int looks = 0;
  looks = 0;
  unity_call_api api{};
  api.struct_size = sizeof api;
  api.is_cancelled = [](unity_call*) -> std::uint32_t { return ++looks > 2 ? 1 : 0; };
  api.cancel_fd = [](unity_call*) -> std::int32_t { return -1; };
  unity_call raw{&api};
  bool warned = false;

  EXPECT_TRUE(Call(&raw, &warned).cancelled_within(std::chrono::hours(1)));
  EXPECT_EQ(looks, 4) << "three in the loop, one for the answer";
}

class Late {
 public:
  Late(Host, const Options&) {}
  void stream(Call, Stream stream) {
    if (kept_ != nullptr) return;
    kept_ = std::make_unique<Stream>(stream);
  }
  void probe(Call) {
    Records records;
    records.metric("late").field("number", 1);
    static_cast<void>(kept_->emit(records, seconds(0)));
  }

 private:
  std::unique_ptr<Stream> kept_;
};

constexpr auto kLate = streaming<Late>("late");

TEST(Stream, EmittingAfterItHasReturnedIsNoticed) {
  testkit::Host host;
  Instance instance(host, Plugin(kLate));
  StreamRun run(instance);
  EXPECT_EQ(run.finish().status, UNITY_END);

  EXPECT_EQ(instance.probe().status, UNITY_E_INVALID);
  EXPECT_EQ(host.breaches(), std::vector<std::string>{"stream emit: stream() has returned"});
}

}  // namespace
}  // namespace unity::sdk
