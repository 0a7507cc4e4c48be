#include <gtest/gtest.h>

#include "core/support/manifest.hpp"
#include "core/support/records.hpp"
#include "core/support/stage.hpp"

namespace unity {
namespace {

class EnrichTest : public testing::Test {
 protected:
  void make(bool many_devices, Tags tags = {}) {
    auto manifest = small_manifest();
    manifest->collectors.front().many_devices = many_devices;
    context_ = context_of(manifest, std::move(tags));
    enrich_ = make_stage("enrich", "", context_);
  }
  Record enriched(Record record) {
    record.origin = context_.origin;
    EXPECT_EQ(enrich_->process(record, {}).action, Verdict::Action::keep);
    return record;
  }

  StageContext context_;
  std::unique_ptr<Processor> enrich_;
};

TEST_F(EnrichTest, AddsTheTagsOfTheOperatorButTheRecordsOwnWin) {
  make(false, {{"site", "attic"}, {"rack", "1"}});

  const auto record =
      enriched(make_record("net", {gauge("x", 1.0)}, {{"rack", "2"}, {"if", "eth0"}}));

  EXPECT_EQ(record.tags, (Tags{{"if", "eth0"}, {"rack", "2"}, {"site", "attic"}}));
}

TEST_F(EnrichTest, TheDeviceTagNamesTheMachineIfTheCollectorSpeaksForSeveral) {
  make(true);

  const auto switch_1 =
      enriched(make_record("net", {gauge("x", 1.0)}, {{"device", "switch-1"}, {"port", "3"}}));
  const auto again = enriched(make_record("net", {gauge("x", 1.0)}, {{"device", "switch-1"}}));
  const auto own = enriched(make_record("net", {gauge("x", 1.0)}, {{"port", "3"}}));

  EXPECT_EQ(*switch_1.origin, (Origin{"switch-1", "test.plugin", "main-1"}));
  EXPECT_EQ(switch_1.tags, (Tags{{"port", "3"}}));
  EXPECT_EQ(again.origin, switch_1.origin);  // shared, not made anew
  EXPECT_EQ(own.origin, context_.origin);
}

TEST_F(EnrichTest, TheDeviceTagIsATagLikeAnyOtherElsewhere) {
  make(false);

  const auto record = enriched(make_record("disk", {gauge("x", 1.0)}, {{"device", "sda"}}));

  EXPECT_EQ(record.origin, context_.origin);
  EXPECT_EQ(record.tags, (Tags{{"device", "sda"}}));
}

TEST_F(EnrichTest, ManyDevicesAreNamedEvenBeyondThoseRemembered) {
  make(true);
  for (int i = 0; i <= 10'001; ++i) {
    const auto name = std::to_string(i);
    ASSERT_EQ(enriched(make_record("net", {gauge("x", 1.0)}, {{"device", name}})).origin->device,
              name);
  }
}

}  // namespace
}  // namespace unity
