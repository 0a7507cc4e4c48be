#include "unity/core/ports/collector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "app/plugin_host.hpp"
#include "host/plugin/zoo.hpp"
#include "plugin/plugin_library.hpp"
#include "support/recorded_services.hpp"
#include "unity/core/json/value.hpp"
#include "workers/confinement_of.hpp"

namespace unity::host {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Keeps what it was told.
struct Listener final : RunListener {
  std::optional<Instant> began() override {
    calls += "began ";
    if (revoked) return std::nullopt;
    return std::chrono::steady_clock::now() + 1h;
  }
  void ended(RunResult with) override {
    calls += "ended ";
    result = std::move(with);
  }
  bool revoked = false;
  std::string calls;
  RunResult result;
};

// Of all tests of a program: starting one takes a thread.
Workers& workers() {
  static test::TempDir folder;
  static Workers all(Workers::Options{worker_binary(), folder.path(), 0});
  return all;
}

// A collector of the zoo whose runs end before start() returns, unless a test brings an executor.
class Caged {
 public:
  explicit Caged(
      Isolation isolation, const std::string& plugin, json::Object options = {},
      Executor executor = [](auto task, auto) { task(); }) {
    auto image = image_from_zoo(plugin);
    EXPECT_TRUE(image) << image.error().message;
    const auto& spec = (*image)->manifest->collectors.front();
    json::Value document(std::move(options));
    if (!spec.config_schema.is_null()) {
      EXPECT_THAT(json::Schema::compile(spec.config_schema)->check(document), IsEmpty());
    }
    InstanceSpec instance{"caged", spec.name, json::dump(document), {}};
    if (isolation == Isolation::inside) {
      const auto library = load_into_host(*image);
      EXPECT_TRUE(library) << library.error().message;
      collector_ = std::make_unique<InlineCollector>(
          InlineCollector::Spec{*library, instance, spec.streaming, services_},
          std::move(executor));
      return;
    }
    WorkerCollector::Spec in_worker;
    in_worker.image = *image;
    in_worker.instance = instance;
    in_worker.streaming = spec.streaming;
    in_worker.services = services_;
    in_worker.confinement = *confinement_of(Permissions(), WorkerLimits());
    collector_ =
        std::make_unique<WorkerCollector>(std::move(in_worker), workers(), std::move(executor));
  }

  RunResult run() {
    Listener listener;
    collector_->start({++runs_, Trigger::manual}, listener);
    EXPECT_EQ(listener.calls, "began ended ");
    return listener.result;
  }

  Collector& collector() { return *collector_; }
  void destroy() { collector_.reset(); }
  std::string log() const { return services_->logged(); }

 private:
  std::shared_ptr<RecordedServices> services_ = std::make_shared<RecordedServices>();
  std::unique_ptr<Collector> collector_;
  std::uint64_t runs_ = 0;
};

// What a collector does is the same wherever it runs.
class CollectorContract : public testing::TestWithParam<Isolation> {};

INSTANTIATE_TEST_SUITE_P(Everywhere, CollectorContract,
                         testing::Values(Isolation::inside, Isolation::dedicated),
                         [](const auto& where) {
                           return std::string(isolation_text(where.param));
                         });

std::string emitted(const RunResult& result) {
  std::string text;
  for (const auto& emission : result.emissions) text += emission.text;
  return text;
}

TEST_P(CollectorContract, KeepsItsInstanceFromRunToRun) {
  Caged caged(GetParam(), "scripted");

  EXPECT_THAT(emitted(caged.run()), HasSubstr(R"("number":1})"));
  EXPECT_THAT(emitted(caged.run()), HasSubstr(R"("number":2})"));
}

TEST_P(CollectorContract, RunsAPluginWrittenInC) {
  Caged caged(GetParam(), "c_minimal");

  EXPECT_EQ(emitted(caged.run()), "{\"metric\":\"zoo\",\"values\":{\"value\":1}}\n");
}

TEST_P(CollectorContract, RunsAPluginOfALaterMinor) {
  Caged caged(GetParam(), "larger_structs");

  const auto result = caged.run();

  EXPECT_THAT(result.emissions, SizeIs(1));
  EXPECT_NE(result.run_class, RunClass::internal) << result.message;
}

TEST_P(CollectorContract, PassesOnTheClassOfEveryError) {
  const std::vector<std::pair<std::string, RunClass>> classes = {
      {"transient", RunClass::transient}, {"config", RunClass::config},
      {"auth", RunClass::auth},           {"permanent", RunClass::permanent},
      {"cancelled", RunClass::cancelled}, {"internal", RunClass::internal}};
  for (const auto& [name, run_class] : classes) {
    Caged caged(GetParam(), "scripted", {{"class", name}, {"retry_after_ms", 70}});

    const auto result = caged.run();

    EXPECT_EQ(result.run_class, run_class) << name;
    EXPECT_EQ(result.message, "the script says " + name);
    EXPECT_EQ(result.code, "zoo." + name);
    EXPECT_EQ(result.retry_after, 70ms);
    EXPECT_THAT(result.emissions, IsEmpty());
  }
}

TEST_P(CollectorContract, KeepsWhatAPartialRunEmitted) {
  Caged caged(GetParam(), "scripted", {{"class", "partial"}});

  const auto result = caged.run();

  EXPECT_EQ(result.run_class, RunClass::partial);
  EXPECT_EQ(result.message, "the script says partial");
  EXPECT_THAT(result.emissions, SizeIs(1));
}

TEST_P(CollectorContract, TurnsAnExceptionInTheSkinIntoAnInternalError) {
  Caged caged(GetParam(), "scripted", {{"class", "throw"}});

  const auto result = caged.run();

  EXPECT_EQ(result.run_class, RunClass::internal);
  EXPECT_EQ(result.message, "the script says so");
}

TEST_P(CollectorContract, SurvivesAnExceptionThroughTheAbi) {
  Caged caged(GetParam(), "throws");

  const auto result = caged.run();
  EXPECT_EQ(result.run_class, RunClass::internal);
  EXPECT_EQ(result.code, "unity.threw");
  EXPECT_EQ(result.message, "it threw an exception through the plugin ABI: the cage is open");

  caged.destroy();
  while (caged.log().empty()) std::this_thread::yield();  // it comes from another process
  EXPECT_THAT(caged.log(), HasSubstr("destroy() threw an exception"));
}

TEST_P(CollectorContract, SurvivesAThrownNumberThroughTheAbi) {
  Caged caged(GetParam(), "throws_int");

  EXPECT_THAT(caged.run().message, HasSubstr("not a std::exception"));
}

TEST_P(CollectorContract, TriesToCreateItsInstanceAgainAfterAFailure) {
  Caged caged(GetParam(), "create_fails");

  for (int i = 0; i < 2; ++i) {
    const auto result = caged.run();
    EXPECT_EQ(result.run_class, RunClass::config);
    EXPECT_EQ(result.message, "the cage has no door");
  }
}

TEST_P(CollectorContract, RefusesAnInstanceThatIsNull) {
  Caged caged(GetParam(), "create_null");

  const auto result = caged.run();

  EXPECT_EQ(result.run_class, RunClass::internal);
  EXPECT_THAT(result.message, HasSubstr("create() succeeded without making an instance"));
}

TEST_P(CollectorContract, RefusesWhatAnotherThreadOfThePluginEmits) {
  Caged caged(GetParam(), "emit_from_thread");

  EXPECT_EQ(emitted(caged.run()), R"({"metric":"zoo","values":{"value":-11}})");
}

TEST_P(CollectorContract, BoundsAPluginThatFloods) {
  Caged caged(GetParam(), "scripted", {{"flood_mb", 100}, {"ignore_refusals", true}});

  const auto result = caged.run();

  EXPECT_EQ(result.run_class, RunClass::partial);
  EXPECT_LE(emitted(result).size(), std::size_t{64} << 20);
  EXPECT_THAT(result.message, HasSubstr("more than 16777216"));
}

TEST_P(CollectorContract, FailsAFloodWhoseRefusalThePluginMinds) {
  Caged caged(GetParam(), "scripted", {{"flood_mb", 100}});

  const auto result = caged.run();

  EXPECT_EQ(result.run_class, RunClass::internal);
  EXPECT_THAT(result.emissions, IsEmpty());
  EXPECT_THAT(result.message, HasSubstr("more than 16777216"));
}

TEST_P(CollectorContract, WakesABlockedRunByItsToken) {
  std::thread thread;
  Caged caged(GetParam(), "scripted", {{"block", "10m"}},
              [&](auto task, auto) { thread = std::thread(std::move(task)); });
  Listener listener;

  caged.collector().start({1, Trigger::manual}, listener);
  caged.collector().cancel();
  thread.join();

  EXPECT_EQ(listener.result.run_class, RunClass::cancelled);
}

TEST_P(CollectorContract, DoesNotCallThePluginForARunThatIsRevoked) {
  Caged caged(GetParam(), "scripted");
  Listener listener;
  listener.revoked = true;

  caged.collector().start({1, Trigger::schedule}, listener);

  EXPECT_EQ(listener.calls, "began ended ");
  EXPECT_EQ(listener.result.run_class, RunClass::cancelled);
  EXPECT_THAT(emitted(caged.run()), HasSubstr(R"("number":1})"));
}

TEST_P(CollectorContract, IsNotCancelledByTheCancellationOfTheRunBefore) {
  Caged caged(GetParam(), "scripted", {{"block", "1ms"}});
  caged.collector().cancel();

  EXPECT_EQ(caged.run().run_class, RunClass::ok);
}

}  // namespace
}  // namespace unity::host
