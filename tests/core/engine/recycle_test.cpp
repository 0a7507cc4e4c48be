#include "unity/core/engine/recycle.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "core/support/manifest.hpp"
#include "core/support/records.hpp"
#include "unity/core/json/record_writer.hpp"

namespace unity {
namespace {

// The next record of this thread's memory.
Record take() {
  std::vector<Record> records;
  append_recycled(records);
  return std::move(records.back());
}

// What earlier tests of this thread left.
void forget_all() {
  while (!take().metric.empty()) {
  }
}

std::vector<Record> one(Record record) {
  std::vector<Record> records;
  records.push_back(std::move(record));
  return records;
}

TEST(Recycle, TheMemoryOfARecordServesTheNextOne) {
  forget_all();
  auto record = make_record("m", {gauge("x", 1.0)});
  record.summary = "a summary of a length that needs memory";
  record.origin = std::make_shared<const Origin>();
  record.host_made = true;
  const auto* memory = record.summary.data();

  recycle(one(std::move(record)));
  const auto again = take();

  EXPECT_EQ(again.summary.data(), memory);
  EXPECT_EQ(again.origin, nullptr);
  EXPECT_FALSE(again.host_made);
  EXPECT_TRUE(take().metric.empty());
}

TEST(Recycle, NothingOfTheOldRecordShowsInTheNewOne) {
  forget_all();
  auto pipeline = make_pipeline(context_of(small_manifest()), {"timestamp"});
  const auto pass = [&](std::string text) {
    return pipeline.process({{Emission::Format::ndjson, std::move(text), {}, {}}},
                            {Time(std::chrono::hours(480'000)), {}});
  };
  const std::string plain = R"({"metric":"b","value":1})";
  const auto fresh = json::to_json(pass(plain).records.at(0));
  auto old = pass(R"({"metric":"open","time":"2026-01-31T12:00:00Z","tags":{"a":"1","b":"2"},)"
                  R"("values":{"text":"t","n":2},"summary":"all is well"})");
  old.records.at(0).fields.at(1).unit = "By";
  old.records.at(0).fields.at(1).kind = Kind::rate;
  recycle(std::move(old.records));

  const auto next = pass(plain);

  ASSERT_EQ(next.records.size(), 1u);
  EXPECT_EQ(json::to_json(next.records[0]), fresh);
  EXPECT_EQ(next.records[0].fields.at(0), gauge(std::string(kNumericValue), std::int64_t{1}));
}

TEST(Recycle, RecordsThatHoldMuchMemoryAreNotKept) {
  forget_all();
  recycle(one(make_record("long text", {gauge("x", std::string(10'000, 'x'))})));
  recycle(one(make_record("many fields", std::vector<Field>(1'000, gauge("x", 1.0)))));

  EXPECT_TRUE(take().metric.empty());
}

TEST(Recycle, AThreadKeepsABoundedNumber) {
  forget_all();
  recycle(std::vector<Record>(10'000, make_record("m", {gauge("x", 1.0)})));

  std::size_t kept = 0;
  while (!take().metric.empty()) ++kept;

  EXPECT_EQ(kept, 512u);
}

TEST(Recycle, EachThreadHasItsOwn) {
  forget_all();
  std::thread([] { recycle(one(make_record("m", {gauge("x", 1.0)}))); }).join();

  EXPECT_TRUE(take().metric.empty());
}

}  // namespace
}  // namespace unity
