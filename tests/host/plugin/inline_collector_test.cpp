#include "plugin/inline_collector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "host/plugin/zoo.hpp"
#include "unity/core/json/value.hpp"

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

// A collector of the zoo whose runs end before start() returns, unless a test brings an executor.
class Caged {
 public:
  explicit Caged(
      const std::string& plugin, json::Object options = {},
      Executor executor = [](auto task, auto) { task(); }) {
    const auto library = load_from_zoo(plugin);
    EXPECT_TRUE(library) << library.error().message;
    const auto& spec = (*library)->manifest().collectors.front();
    json::Value document(std::move(options));
    if (!spec.config_schema.is_null()) {
      EXPECT_THAT(json::Schema::compile(spec.config_schema)->check(document), IsEmpty());
    }
    collector_.emplace(
        InlineCollector::Spec{*library, spec.name, "caged", json::dump(document),
                              [this](std::uint32_t, std::string_view text) { log_ += text; }},
        std::move(executor));
  }

  RunResult run() {
    Listener listener;
    collector_->start({++runs_, Trigger::manual}, listener);
    EXPECT_EQ(listener.calls, "began ended ");
    return listener.result;
  }

  InlineCollector& collector() { return *collector_; }
  void destroy() { collector_.reset(); }
  const std::string& log() const { return log_; }

 private:
  std::string log_;
  std::optional<InlineCollector> collector_;
  std::uint64_t runs_ = 0;
};

std::string emitted(const RunResult& result) {
  std::string text;
  for (const auto& emission : result.emissions) text += emission.text;
  return text;
}

TEST(InlineCollector, KeepsItsInstanceFromRunToRun) {
  Caged caged("scripted");

  EXPECT_THAT(emitted(caged.run()), HasSubstr(R"("number":1})"));
  EXPECT_THAT(emitted(caged.run()), HasSubstr(R"("number":2})"));
}

TEST(InlineCollector, RunsAPluginWrittenInC) {
  Caged caged("c_minimal");

  EXPECT_EQ(emitted(caged.run()), "{\"metric\":\"zoo\",\"values\":{\"value\":1}}\n");
}

TEST(InlineCollector, RunsAPluginOfALaterMinor) {
  Caged caged("larger_structs");

  const auto result = caged.run();

  EXPECT_THAT(result.emissions, SizeIs(1));
  EXPECT_NE(result.run_class, RunClass::internal) << result.message;
}

TEST(InlineCollector, PassesOnTheClassOfEveryError) {
  const std::vector<std::pair<std::string, RunClass>> classes = {
      {"transient", RunClass::transient}, {"config", RunClass::config},
      {"auth", RunClass::auth},           {"permanent", RunClass::permanent},
      {"cancelled", RunClass::cancelled}, {"internal", RunClass::internal}};
  for (const auto& [name, run_class] : classes) {
    Caged caged("scripted", {{"class", name}, {"retry_after_ms", 70}});

    const auto result = caged.run();

    EXPECT_EQ(result.run_class, run_class) << name;
    EXPECT_EQ(result.message, "the script says " + name);
    EXPECT_EQ(result.code, "zoo." + name);
    EXPECT_EQ(result.retry_after, 70ms);
    EXPECT_THAT(result.emissions, IsEmpty());
  }
}

TEST(InlineCollector, KeepsWhatAPartialRunEmitted) {
  Caged caged("scripted", {{"class", "partial"}});

  const auto result = caged.run();

  EXPECT_EQ(result.run_class, RunClass::partial);
  EXPECT_EQ(result.message, "the script says partial");
  EXPECT_THAT(result.emissions, SizeIs(1));
}

TEST(InlineCollector, TurnsAnExceptionInTheSkinIntoAnInternalError) {
  Caged caged("scripted", {{"class", "throw"}});

  const auto result = caged.run();

  EXPECT_EQ(result.run_class, RunClass::internal);
  EXPECT_EQ(result.message, "the script says so");
}

TEST(InlineCollector, SurvivesAnExceptionThroughTheAbi) {
  Caged caged("throws");

  const auto result = caged.run();
  EXPECT_EQ(result.run_class, RunClass::internal);
  EXPECT_EQ(result.code, "unity.threw");
  EXPECT_EQ(result.message, "it threw an exception through the plugin ABI: the cage is open");

  caged.destroy();
  EXPECT_THAT(caged.log(), HasSubstr("destroy() threw an exception"));
}

TEST(InlineCollector, SurvivesAThrownNumberThroughTheAbi) {
  Caged caged("throws_int");

  EXPECT_THAT(caged.run().message, HasSubstr("not a std::exception"));
}

TEST(InlineCollector, TriesToCreateItsInstanceAgainAfterAFailure) {
  Caged caged("create_fails");

  for (int i = 0; i < 2; ++i) {
    const auto result = caged.run();
    EXPECT_EQ(result.run_class, RunClass::config);
    EXPECT_EQ(result.message, "the cage has no door");
  }
}

TEST(InlineCollector, RefusesAnInstanceThatIsNull) {
  Caged caged("create_null");

  const auto result = caged.run();

  EXPECT_EQ(result.run_class, RunClass::internal);
  EXPECT_THAT(result.message, HasSubstr("create() succeeded without making an instance"));
}

TEST(InlineCollector, RefusesWhatAnotherThreadOfThePluginEmits) {
  Caged caged("emit_from_thread");

  EXPECT_EQ(emitted(caged.run()), R"({"metric":"zoo","values":{"value":-11}})");
}

TEST(InlineCollector, BoundsAPluginThatFloods) {
  Caged caged("scripted", {{"flood_mb", 100}, {"ignore_refusals", true}});

  const auto result = caged.run();

  EXPECT_EQ(result.run_class, RunClass::partial);
  EXPECT_LE(emitted(result).size(), std::size_t{64} << 20);
  EXPECT_THAT(result.message, HasSubstr("more than 16777216"));
}

TEST(InlineCollector, FailsAFloodWhoseRefusalThePluginMinds) {
  Caged caged("scripted", {{"flood_mb", 100}});

  const auto result = caged.run();

  EXPECT_EQ(result.run_class, RunClass::internal);
  EXPECT_THAT(result.emissions, IsEmpty());
  EXPECT_THAT(result.message, HasSubstr("more than 16777216"));
}

TEST(InlineCollector, WakesABlockedRunByItsToken) {
  std::thread thread;
  Caged caged("scripted", {{"block", "10m"}},
              [&](auto task, auto) { thread = std::thread(std::move(task)); });
  Listener listener;

  caged.collector().start({1, Trigger::manual}, listener);
  caged.collector().cancel();
  thread.join();

  EXPECT_EQ(listener.result.run_class, RunClass::cancelled);
}

TEST(InlineCollector, DoesNotCallThePluginForARunThatIsRevoked) {
  Caged caged("scripted");
  Listener listener;
  listener.revoked = true;

  caged.collector().start({1, Trigger::schedule}, listener);

  EXPECT_EQ(listener.calls, "began ended ");
  EXPECT_EQ(listener.result.run_class, RunClass::cancelled);
  EXPECT_THAT(emitted(caged.run()), HasSubstr(R"("number":1})"));
}

TEST(InlineCollector, IsNotCancelledByTheCancellationOfTheRunBefore) {
  Caged caged("scripted", {{"block", "1ms"}});
  caged.collector().cancel();

  EXPECT_EQ(caged.run().run_class, RunClass::ok);
}

}  // namespace
}  // namespace unity::host
