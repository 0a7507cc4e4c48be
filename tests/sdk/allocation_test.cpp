// Memory runs out while a collector writes its records: each allocation fails in turn, and each
// time the run ends with an error, not the process.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>

#include "unity/plugin.hpp"
#include "unity/testkit.hpp"

namespace {

// Allocations of this thread until one fails; 0: none does.
thread_local std::size_t left = 0;

}  // namespace

void* operator new(std::size_t size) {
  if (left > 0 && --left == 0) throw std::bad_alloc();
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace unity::sdk {
namespace {

class Writer {
 public:
  Writer(Host, const Options& options)
      : fail_at_(static_cast<std::size_t>(options.integer("fail_at"))) {}
  void collect(Call call) {
    const std::string long_text(300, 'x');
    Records records;
    left = fail_at_;
    for (int i = 0; i < 20; ++i) {
      records.metric("first").tag("text", long_text).field("number", i).summary(long_text);
      auto record = records.metric("second");
      record.field("number", 1.5);
      if (i % 2 == 0) record.field("text", long_text);
    }
    left = 0;
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
    left = 0;
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
