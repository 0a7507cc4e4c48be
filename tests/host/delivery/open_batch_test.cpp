#include "delivery/open_batch.hpp"

#include <gmock/gmock.h>

namespace unity::host {
namespace {

using testing::ElementsAre;

Record record_of(const std::string& metric) {
  Record record;
  record.origin = std::make_shared<const Origin>(Origin{"nas", "disk", "disk-1"});
  record.metric = metric;
  return record;
}

TEST(OpenBatch, KeepsWhatIsRefusedButWhatTheHostSaysOfItself) {
  OpenBatch batch("main");
  auto& records = batch.records().records;
  records = {record_of("emitted"), record_of("own_metric"), record_of("own_row")};
  records[1].host_made = records[2].host_made = true;
  records[2].is_row = true;
  batch.begin();

  batch.wrote({{0, "conflict", "a"}, {1, "conflict", "b"}, {2, "missing", "c"}});

  ASSERT_TRUE(batch.is_written());
  std::vector<std::string> kept;
  for (const auto& letter : batch.letters()) kept.push_back(letter.metric + " " + letter.reason);
  EXPECT_THAT(kept, ElementsAre("emitted conflict", "own_row missing"));
  EXPECT_EQ(batch.letters()[1].stage, "storage:main");
}

}  // namespace
}  // namespace unity::host
