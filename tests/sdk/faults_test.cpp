// The sweep finds what a plugin does not pass up.
#include <gtest/gtest.h>

#include <string>

#include "unity/plugin.hpp"
#include "unity/testkit.hpp"

namespace unity::sdk {
namespace {

using testkit::Instance;
using testkit::Plugin;

class Careful {
 public:
  Careful(Host host, const Options&) : host_(host) { host_.state("since"); }
  void collect(Call call) {
    Records records;
    records.metric("careful").field("number", 1);
    call.emit(records);
    try {
      host_.put_state("since", "now");
    } catch (const Failure& failure) {
      host_.warn(failure.what());  // it will be there next time
    }
  }

 private:
  Host host_;
};
constexpr auto kCareful = polled<Careful>("careful");

class Careless {
 public:
  Careless(Host host, const Options&) : host_(host) {}
  void collect(Call) {
    try {
      host_.put_state("since", "now");
    } catch (const Failure&) {
    }
  }

 private:
  Host host_;
};
constexpr auto kCareless = polled<Careless>("careless");

template <const unity_collector& collector>
void run_once(testkit::Host& host) {
  Instance instance(host, Plugin(collector));
  if (instance.exists()) instance.collect();
}

TEST(FaultSweep, EachCallFailsOnceInEachWay) {
  const auto sweep = testkit::sweep_faults(run_once<kCareful>);

  EXPECT_EQ(sweep.repetitions, 3u * 4u);  // state_get, emit, state_put
  EXPECT_EQ(sweep.silent, std::vector<std::string>());
  EXPECT_EQ(sweep.breaches, std::vector<std::string>());
}

TEST(FaultSweep, ASwallowedFailureIsFound) {
  const auto sweep = testkit::sweep_faults(run_once<kCareless>, {UNITY_E_DENIED});

  EXPECT_EQ(sweep.silent, std::vector<std::string>{"state_put, call 1, status -10"});
}

}  // namespace
}  // namespace unity::sdk
