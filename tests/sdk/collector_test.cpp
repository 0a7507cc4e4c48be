// What the C++ skin makes of a class, and what the test kit's host answers it.
#include <gtest/gtest.h>

#include <string>

#include "unity/plugin.hpp"
#include "unity/testkit.hpp"

namespace unity::sdk {
namespace {

using testkit::Instance;
using testkit::Plugin;

class Plain {
 public:
  Plain(Host, const Options&) {}
  void collect(Call) {}
};

class Full final {
 public:
  Full(Host host, const Options& options, const Start& start)
      : host_(host),
        id_(start.instance_id),
        from_(start.checkpoint),
        option_(options.string("o")) {}
  void collect(Call call) {
    call.end_if_cancelled();
    Records records;
    records.metric("full").tag("option", option_).field("from", std::string_view(from_));
    call.emit(records, from_ + "+");
  }
  void interrupt() { ++interrupts_; }
  void reconfigure(Call, const Options& options) {
    if (options.string("o").empty()) throw Failure(UNITY_E_CONFIG, "full.empty", "o is empty");
    option_ = options.string("o");
  }
  void probe(Call call) { call.warn("slow today"); }

 private:
  Host host_;
  std::string id_, from_, option_;
  int interrupts_ = 0;
};

constexpr auto kPlain = polled<Plain>("plain");
constexpr auto kFull = polled<Full>("full");

TEST(Collector, OffersOnlyWhatItsClassHas) {
  EXPECT_EQ(kPlain.flags, static_cast<std::uint32_t>(UNITY_COLLECTOR_POLLED));
  EXPECT_TRUE(kPlain.interrupt == nullptr && kPlain.reconfigure == nullptr &&
              kPlain.probe == nullptr && kPlain.stream == nullptr);
  const unity_collector full = kFull;
  EXPECT_TRUE(full.interrupt != nullptr && full.reconfigure != nullptr && full.probe != nullptr);
}

TEST(Collector, StartsFromTheLastDurableCheckpoint) {
  testkit::Host host;
  host.put_checkpoint("a");
  Instance(host, Plugin(kFull), R"({"o":"x"})").collect();
  EXPECT_EQ(host.checkpoint(), "a+");

  Instance again(host, Plugin(kFull), R"({"o":"x"})");

  EXPECT_EQ(again.collect().record("full", {{"option", "x"}}).text("from"), "a+");
}

TEST(Collector, ARefusedReconfigurationKeepsTheOldOptions) {
  testkit::Host host;
  Instance instance(host, Plugin(kFull), R"({"o":"old"})");

  EXPECT_EQ(instance.reconfigure(R"({"o":""})").status, UNITY_E_CONFIG);
  EXPECT_NO_THROW(instance.collect().record("full", {{"option", "old"}}));
  EXPECT_EQ(instance.reconfigure(R"({"o":"new"})").status, UNITY_OK);
  EXPECT_NO_THROW(instance.collect().record("full", {{"option", "new"}}));
}

TEST(Collector, WarnMakesACallPartial) {
  testkit::Host host;
  Instance instance(host, Plugin(kFull), R"({"o":"x"})");

  const auto outcome = instance.probe();

  EXPECT_EQ(outcome.status, UNITY_PARTIAL);
  EXPECT_EQ(outcome.message, "slow today");
}

TEST(Collector, EndsWhenTheHostCancels) {
  testkit::Host host;
  Instance instance(host, Plugin(kFull), R"({"o":"x"})");
  host.cancel_at(1);

  EXPECT_EQ(instance.collect().status, UNITY_E_CANCELLED);
  EXPECT_EQ(instance.collect().status, UNITY_OK);  // the token was that call's alone
}

// Uses all that the host offers.
class Curious {
 public:
  Curious(Host host, const Options& options) : host_(host), secret_(options.secret_name("key")) {}
  void collect(Call call) {
    const auto key = host_.secret(secret_);
    const auto before = host_.state("runs").value_or("0");
    host_.put_state("runs", std::to_string(std::stoi(before) + 1));
    host_.log(UNITY_LOG_INFO, "curious",
              R"({"key_size":)" + std::to_string(key.text().size()) + "}");
    Records records;
    records.metric("rows").field("number", std::stoi(before));
    call.emit(host_.dataset("rows"), records);
  }

 private:
  Host host_;
  std::string secret_;
};

constexpr auto kCurious = polled<Curious>("curious");
constexpr auto kCuriousOptions = R"({"key":{"$secret":"db"}})";

class HostOfCurious : public ::testing::Test {
 protected:
  HostOfCurious() {
    host_.put_secret("db", "hunter2");
    host_.put_dataset("rows", 3);
  }
  testkit::Host host_;
};

TEST_F(HostOfCurious, GivesSecretsStateDatasetsAndALog) {
  Instance instance(host_, Plugin(kCurious), kCuriousOptions);

  EXPECT_EQ(instance.collect().status, UNITY_OK);
  const auto second = instance.collect();

  EXPECT_EQ(second.batches.at(0).dataset, 3u);
  EXPECT_EQ(second.record("rows").number("number"), 1);
  EXPECT_EQ(host_.state("runs"), "2");
  EXPECT_EQ(host_.log().at(0).message, "curious");
  EXPECT_EQ(host_.log().at(0).fields_json, R"({"key_size":7})");
}

TEST_F(HostOfCurious, StateSurvivesARestart) {
  Instance(host_, Plugin(kCurious), kCuriousOptions).collect();

  Instance again(host_, Plugin(kCurious), kCuriousOptions);

  EXPECT_EQ(again.collect().record("rows").number("number"), 1);
}

TEST_F(HostOfCurious, AMissingSecretIsNamed) {
  Instance instance(host_, Plugin(kCurious), R"({"key":{"$secret":"other"}})");

  const auto outcome = instance.collect();

  EXPECT_EQ(outcome.status, UNITY_E_NOT_FOUND);
  EXPECT_EQ(outcome.message, "cannot get the secret other: there is none of that name");
}

TEST_F(HostOfCurious, TheStateHasAQuota) {
  host_.set_state_quota(4);
  host_.put_state("other", "1234");
  Instance instance(host_, Plugin(kCurious), kCuriousOptions);

  EXPECT_EQ(instance.collect().status, UNITY_E_LIMIT);
}

TEST(Deadline, PassesInVirtualTime) {
  class Waits {
   public:
    Waits(Host host, const Options&) : host_(host) {}
    void collect(Call call) {
      while (host_.now_mono_ns() < call.deadline_mono_ns()) call.end_if_cancelled();
      call.end_if_cancelled();
    }

   private:
    Host host_;
  };
  static constexpr auto kWaits = polled<Waits>("waits");
  testkit::Host host;
  host.set_timeout_ns(30'000'000'000);
  host.tick_ns(1'000'000'000);
  Instance instance(host, Plugin(kWaits));

  EXPECT_EQ(instance.collect().status, UNITY_E_CANCELLED);
}

TEST(Secret, MovesAndIsEmptyAfterwards) {
  Secret first("hunter2");
  Secret second(std::move(first));

  EXPECT_EQ(second.text(), "hunter2");
  EXPECT_EQ(first.text(), "");
  second = Secret("x");
  EXPECT_EQ(second.text(), "x");
}

// ---- what the kit notices ----

TEST(Breaches, EmittingAfterTheCallIsNoticed) {
  class Keeps {
   public:
    Keeps(Host, const Options&, const Start& start) : call_(start.call) {}
    void collect(Call) {
      Records records;
      records.metric("late").field("number", 1);
      call_.emit(records);
    }

   private:
    Call call_;
  };
  static constexpr auto kKeeps = polled<Keeps>("keeps");
  testkit::Host host;
  Instance instance(host, Plugin(kKeeps));

  EXPECT_EQ(instance.collect().status, UNITY_E_INVALID);
  EXPECT_EQ(host.breaches(), std::vector<std::string>{"emit: the call has returned"});
}

}  // namespace
}  // namespace unity::sdk
