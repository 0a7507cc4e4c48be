// Nothing that a plugin in C++ throws crosses the ABI.
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <string>

#include "unity/plugin.hpp"
#include "unity/testkit.hpp"

namespace unity::sdk {
namespace {

using testkit::Instance;
using testkit::Plugin;

void throw_one(const std::string& what) {
  if (what == "exception") throw std::runtime_error("out of paper");
  if (what == "bad_alloc") throw std::bad_alloc();
  if (what == "int") throw 42;
  if (what == "failure") throw Failure(UNITY_E_AUTH, "zoo.auth", "wrong key", 5000);
  if (what == "partial") throw Failure(UNITY_PARTIAL, "zoo.partial", "half of it");
}

// Throws from where the option of that name says.
class Thrower {
 public:
  Thrower(Host host, const Options& options)
      : host_(host),
        collect_(options.string("collect")),
        sink_(options.string("sink")),
        other_(options.string("other")) {
    throw_one(options.string("create"));
  }
  void collect(Call call) {
    Records records;
    records.metric("zoo").field("number", 1);
    call.emit(records);
    if (!sink_.empty()) host_.with_secret("key", [this](std::string_view) { throw_one(sink_); });
    throw_one(collect_);
  }
  void interrupt() { throw_one(other_); }
  void reconfigure(Call, const Options&) { throw_one(other_); }
  void probe(Call) { throw_one(other_); }

 private:
  Host host_;
  std::string collect_, sink_, other_;
};

constexpr auto kThrower = polled<Thrower>("thrower");

std::string options(const std::string& place, const std::string& what) {
  std::string all = "{";
  for (const auto* name : {"create", "collect", "sink", "other"}) {
    all += (all.size() > 1 ? "," : "") + ('"' + std::string(name) + "\":\"") +
           (name == place ? what : "") + '"';
  }
  return all + "}";
}

struct Thrown {
  const char* what;
  unity_status status;
  const char* code;
  const char* message;
};

class Barrier : public ::testing::TestWithParam<Thrown> {
 protected:
  void expect(const testkit::Outcome& outcome) const {
    EXPECT_EQ(outcome.status, GetParam().status);
    EXPECT_EQ(outcome.code, GetParam().code);
    EXPECT_EQ(outcome.message, GetParam().message);
  }

  testkit::Host host_;
};

TEST_P(Barrier, HoldsInCreate) {
  const Instance instance(host_, Plugin(kThrower), options("create", GetParam().what));

  expect(instance.created());
  EXPECT_FALSE(instance.exists());
}

TEST_P(Barrier, HoldsInCollect) {
  Instance instance(host_, Plugin(kThrower), options("collect", GetParam().what));

  const auto outcome = instance.collect();

  expect(outcome);
  EXPECT_TRUE(outcome.batches.empty());
}

TEST_P(Barrier, HoldsInASinkAndThrowsOnBehindTheHost) {
  host_.put_secret("key", "opensesame");
  Instance instance(host_, Plugin(kThrower), options("sink", GetParam().what));

  expect(instance.collect());
}

TEST_P(Barrier, HoldsInTheOptionalFunctions) {
  Instance instance(host_, Plugin(kThrower), options("other", GetParam().what));

  expect(instance.probe());
  expect(instance.reconfigure(options("other", "")));
  instance.interrupt();  // has nobody to tell
}

INSTANTIATE_TEST_SUITE_P(
    Everything, Barrier,
    ::testing::Values(Thrown{"exception", UNITY_E_INTERNAL, "unity.exception", "out of paper"},
                      Thrown{"bad_alloc", UNITY_E_INTERNAL, "unity.exception", "std::bad_alloc"},
                      Thrown{"int", UNITY_E_INTERNAL, "unity.exception",
                             "threw something that is not a std::exception"},
                      Thrown{"failure", UNITY_E_AUTH, "zoo.auth", "wrong key"}),
    [](const auto& one) { return std::string(one.param.what); });

TEST(Barrier, AFailureKeepsItsRetryHint) {
  testkit::Host host;
  Instance instance(host, Plugin(kThrower), options("collect", "failure"));

  EXPECT_EQ(instance.collect().retry_after_ms, 5000u);
}

TEST(Barrier, APartialFailureOfACallKeepsWhatWasEmitted) {
  testkit::Host host;
  Instance instance(host, Plugin(kThrower), options("collect", "partial"));

  const auto outcome = instance.collect();

  EXPECT_EQ(outcome.status, UNITY_PARTIAL);
  EXPECT_EQ(outcome.records().size(), 1u);
}

TEST(Barrier, ACreateThatThrowsSuccessFailsAllTheSame) {
  testkit::Host host;
  const Instance instance(host, Plugin(kThrower), options("create", "partial"));

  EXPECT_EQ(instance.created().status, UNITY_E_INTERNAL);
  EXPECT_TRUE(host.breaches().empty());
}

}  // namespace
}  // namespace unity::sdk
