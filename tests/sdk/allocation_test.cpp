// Memory runs out while a collector writes its records: each allocation fails in turn, and each
// time the run ends with an error, not the process.
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "sdk/failing_memory.hpp"
#include "unity/plugin.hpp"
#include "unity/testkit.hpp"

namespace unity::sdk {
namespace {

class Writer {
 public:
  Writer(Host, const Options& options)
      : fail_at_(static_cast<std::size_t>(options.integer("fail_at"))) {}
  void collect(Call call) {
    const std::string long_text(300, 'x');
    Records records;
    testing::fail_allocation(fail_at_);
    for (int i = 0; i < 20; ++i) {
      records.metric("first").tag("text", long_text).field("number", i).summary(long_text);
      auto record = records.metric("second");
      record.field("number", 1.5);
      if (i % 2 == 0) record.field("text", long_text);
    }
    testing::fail_allocation(0);
    call.emit(records);
  }

 private:
  std::size_t fail_at_;
};

constexpr auto kWriter = polled<Writer>("writer");

TEST(Records, SurviveThatMemoryRunsOut) {
  std::size_t failures = 0;
  for (std::size_t fail_at = 1;; ++fail_at) {
    testkit::Host host;
    testkit::Instance instance(host, testkit::Plugin(kWriter),
                               "{\"fail_at\":" + std::to_string(fail_at) + "}");
    const auto outcome = instance.collect();
    testing::fail_allocation(0);
    if (outcome.status == UNITY_OK) {
      EXPECT_EQ(outcome.records().size(), 40u);
      EXPECT_EQ(outcome.records().front().document().at("summary").string().size(), 300u);
      break;
    }
    EXPECT_EQ(outcome.status, UNITY_E_INTERNAL);
    EXPECT_EQ(outcome.message, "std::bad_alloc");
    ++failures;
  }
  EXPECT_GT(failures, 5u);
}

TEST(Records, AnEmptySummaryIsNone) {
  Records records;
  records.metric("m").field("x", 1).summary("a").summary("");

  EXPECT_EQ(records.text(), "{\"metric\":\"m\",\"values\":{\"x\":1}}\n");
}

}  // namespace
}  // namespace unity::sdk
