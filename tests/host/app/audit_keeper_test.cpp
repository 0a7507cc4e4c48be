#include "app/audit_keeper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/delivery/scripted_delivery.hpp"
#include "runtime/runner.hpp"
#include "support/temp_dir.hpp"

namespace unity::host {
namespace {

using testing::SizeIs;

class SucceedingCollector : public Collector {
 public:
  void start(const Run&, RunListener& listener) override {
    listener.began();
    listener.ended({});
  }
  void cancel() override {}
};

Instance instance(const std::string& id) {
  Instance one;
  one.id = id;
  one.plugin = "zoo.scripted";
  one.schedule.interval = std::chrono::hours(1);
  one.timeout = std::chrono::hours(1);
  one.origin = std::make_shared<const Origin>(Origin{"box", one.plugin, id});
  one.pipeline = std::make_unique<Pipeline>(one.origin, std::vector<Pipeline::Stage>());
  one.collector = std::make_unique<SucceedingCollector>();
  return one;
}

// As the daemon connects them: what the runner tells of its runs is what the storages get.
TEST(AuditKeeper, HasARowForDataThatWasAskedForAndFreshEnough) {
  constexpr Time kNow{std::chrono::hours(1)};
  test::TempDir temp;
  StorageScript script;
  const auto delivery = open_delivery(temp.path(), script);
  AuditKeeper audit("box", kNow);
  EventLoop loop;
  WorkerPool pool(1);
  RunnerOptions options;
  options.max_concurrent = 1;
  options.on_run = [&](const RunFacts& facts) { audit.ran(facts, kNow); };
  std::vector<Instance> instances;
  instances.push_back(instance("a"));
  Runner runner(loop, pool, *delivery, std::move(instances), options);
  runner.start();
  while (runner.status().at(0).health.runs() == 0) loop.context().run_one();
  ASSERT_THAT(audit.take(kNow).collections, SizeIs(1));  // of the first run

  bool fresh = false;
  ASSERT_TRUE(runner.run_now("a", std::chrono::hours(1), [&](const Result<RunOutcome>& outcome) {
    fresh = outcome && outcome->fresh;
  }));
  while (!fresh) loop.context().run_one();

  const auto rows = audit.take(kNow).collections;
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].cache_hit, true);
  EXPECT_FALSE(rows[0].force_refresh);
  EXPECT_EQ(rows[0].freshness_threshold, 3600);
  EXPECT_EQ(runner.status().at(0).health.runs(), 1u);
}

}  // namespace
}  // namespace unity::host
