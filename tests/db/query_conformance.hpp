// What queries over time promise in every database: whatever was rolled up, dropped or came late,
// the answer is what one computes from all numbers.
#pragma once

#include <regex>

#include "db/rollup_conformance.hpp"
#include "query/plan.hpp"

namespace unity::test {

class QueryConformance : public RollupConformance {
 protected:
  // (metric, field, tags)
  using NumbersKey = std::tuple<std::string, std::string, std::string>;

  static NumbersKey key_of(const SeriesName& name) {
    return {name.metric, name.field, name.tags.to_json()};
  }
  static double folded(Aggregate aggregate, const std::vector<double>& numbers) {
    double sum = 0;
    for (const auto number : numbers) sum += number;
    switch (aggregate) {
      case Aggregate::avg:
        return sum / static_cast<double>(numbers.size());
      case Aggregate::min:
        return *std::min_element(numbers.begin(), numbers.end());
      case Aggregate::max:
        return *std::max_element(numbers.begin(), numbers.end());
      case Aggregate::sum:
        return sum;
      case Aggregate::count:
        return static_cast<double>(numbers.size());
      case Aggregate::last:
        return numbers.back();
    }
    return 0;
  }
  static double tolerance(double value) { return 1e-9 * std::max(1.0, std::abs(value)); }

  Result<BucketAnswer> ask(const BucketQuery& query) { return database_->reader().buckets(query); }

  void expect_recomputation(const BucketQuery& query) {
    const auto answer = ask(query);
    ASSERT_TRUE(answer) << answer.error().message;
    std::map<NumbersKey, std::map<Time, std::vector<double>>> wanted;
    for (const auto& [key, numbers] : numbers_) {
      for (const auto& [time, number] : numbers) {
        if (time < answer->how.from || time >= answer->how.to) continue;
        wanted[key][db::begin_of_bucket(time, answer->step)].push_back(number);
      }
    }
    EXPECT_EQ(answer->series.size(), wanted.size());
    for (const auto& series : answer->series) {
      const auto& buckets = wanted[key_of(series.name)];
      ASSERT_EQ(series.buckets.size(), buckets.size()) << series.name.metric;
      auto at = buckets.begin();
      for (const auto& bucket : series.buckets) {
        EXPECT_EQ(bucket.begin, at->first);
        EXPECT_EQ(bucket.n, static_cast<std::int64_t>(at->second.size()));
        const auto value = folded(query.aggregate, at->second);
        EXPECT_NEAR(bucket.value, value, tolerance(value)) << to_text(query.aggregate);
        ++at;
      }
    }
  }

  void drop_before(std::string_view table, std::string_view column, std::int64_t second) {
    value(std::string("INSERT INTO retention_state (table_name, floor_time, raised_at) VALUES ('") +
          std::string(table) + "', " + fixture_->time_literal(second) + ", " +
          fixture_->time_literal(second) + ")");
    value("DELETE FROM " + std::string(table) + " WHERE " + std::string(column) + " < " +
          fixture_->time_literal(second));
  }
};

constexpr Aggregate kEveryAggregate[] = {Aggregate::avg, Aggregate::min,   Aggregate::max,
                                         Aggregate::sum, Aggregate::count, Aggregate::last};

// Three days and a half of two containers, with gaps of minutes and of hours.
inline std::vector<Record> gappy_stream(std::mt19937& random) {
  std::vector<Record> records;
  for (std::int64_t minute = 0; minute < 84 * 60; minute += 7) {
    if (minute / 60 % 11 == 5) continue;
    for (const auto* name : {"web", "db"}) {
      if (random() % 4 == 0) continue;
      const auto number = static_cast<double>(random() % 100'000) / 7 - 5000;
      records.push_back(record(
          "cpu",
          at(((kFirstHour + minute * 60) * 1'000'000) + static_cast<int>(random() % 1'000'000)),
          {field("used", number), field("idle", random() % 5 == 0 ? std::nan("") : 100 - number)},
          {{"name", name}}));
    }
  }
  return records;
}

TEST_P(QueryConformance, AnswersAreWhatOneComputesFromAllNumbers) {
  std::mt19937 random(11);
  auto records = gappy_stream(random);
  // A part comes late, and of that a part after the last computation.
  std::shuffle(records.begin(), records.end(), random);
  const auto late = records.size() / 20;
  const std::vector<Record> later(records.end() - static_cast<std::ptrdiff_t>(late), records.end());
  records.resize(records.size() - late);
  now_ = at_second(kFirstHour + 80 * kHour);  // the last hours are not over
  write(records);
  roll_up();
  const std::vector<Record> some(later.begin(), later.begin() + 20);
  write(some);
  roll_up();
  const std::vector<Record> unseen(later.begin() + 20, later.begin() + 23);
  write(unseen);

  using std::chrono::hours;
  using std::chrono::minutes;
  std::set<Resolution> seen;
  for (int i = 0; i < 60; ++i) {
    BucketQuery query;
    query.aggregate = kEveryAggregate[static_cast<std::size_t>(i) % 6];
    const Time::duration steps[] = {minutes(5), minutes(50), hours(1), hours(6),
                                    hours(24),  hours(48),   {}};
    query.step = steps[random() % 7];
    query.points_max = 2 + random() % 100;
    auto from = static_cast<std::int64_t>(random() % (100 * 3600)) - 8 * 3600;
    auto to = from + 1 + static_cast<std::int64_t>(random() % (90 * 3600));
    if (random() % 3 == 0) {  // on the day
      from = from / 86400 * 86400;
      to = to / 86400 * 86400 + 86400;
    }
    query.from = at_second(kFirstHour - kHour + from);
    query.to = at_second(kFirstHour - kHour + to);
    SCOPED_TRACE(to_rfc3339(query.from) + " " + to_rfc3339(query.to) + " " +
                 to_text(Duration(query.step)));
    expect_recomputation(query);
    seen.insert(ask(query)->how.resolution);
  }
  EXPECT_EQ(seen.size(), 3u) << "the queries are to be of every kind";
}

TEST_P(QueryConformance, TheResolutionIsSaidAndUntilWhenItIsComplete) {
  now_ = at_second(kFirstHour + 30 * kHour);
  for (int hour = 0; hour < 30; ++hour) {
    write({record("cpu", at_second(kFirstHour + hour * kHour), {field("used", hour)})});
  }
  roll_up();
  write({record("cpu", at_second(kFirstHour + 30 * kHour), {field("used", 30.5)})});
  BucketQuery query{{"cpu"}, at_second(kFirstHour), at_second(kFirstHour + 31 * kHour)};
  query.step = std::chrono::minutes(30);
  EXPECT_EQ(ask(query)->how.resolution, Resolution::raw);
  query.step = std::chrono::hours(1);
  EXPECT_EQ(ask(query)->how.resolution, Resolution::hour);
  EXPECT_EQ(ask(query)->how.complete_until, at_second(kFirstHour + 29 * kHour))
      << "the hour before has not been over for long enough";
  query.from = at_second(kFirstHour - kHour);
  query.step = std::chrono::hours(24);
  EXPECT_EQ(ask(query)->how.resolution, Resolution::day);
}

TEST_P(QueryConformance, WhatWasDroppedIsAnsweredFromWhatIsLeft) {
  std::mt19937 random(12);
  write(gappy_stream(random));
  roll_up();
  drop_before("metric_frames", "time", kFirstHour - kHour + 2 * kDay);
  drop_before("metric_rollup_1h", "bucket", kFirstHour - kHour + kDay);
  BucketQuery query{{}, at_second(kFirstHour + 30 * kHour + 7), at_second(kFirstHour + 80 * kHour)};
  query.step = std::chrono::hours(2);
  expect_recomputation(query);
  EXPECT_EQ(ask(query)->how.from, at_second(kFirstHour + 30 * kHour)) << "all of the hour";
  query.from = at_second(kFirstHour + 7);
  query.to = at_second(kFirstHour + 20 * kHour);
  query.step = std::chrono::hours(24);
  expect_recomputation(query);
  EXPECT_EQ(ask(query)->how.from, at_second(kFirstHour - kHour)) << "all of the day";
  EXPECT_EQ(ask(query)->how.to, at_second(kFirstHour - kHour + kDay));

  query.step = std::chrono::minutes(90);
  const auto refused = ask(query);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("multiple of 1d"));
}

TEST_P(QueryConformance, TopIsWhatOneComputesFromAllNumbers) {
  std::mt19937 random(13);
  std::vector<Record> records;
  for (int source = 0; source < 30; ++source) {
    for (std::int64_t minute = 0; minute < 50 * 60; minute += 31) {
      records.push_back(record("cpu", at_second(kFirstHour + minute * 60 + source),
                               {field("used", static_cast<double>(random() % 1000) / 3 + source)},
                               {{"name", std::to_string(source)}}));
    }
  }
  now_ = at_second(kFirstHour + 48 * kHour);  // the last two hours are not over
  write(records);
  roll_up();
  for (const auto aggregate : kEveryAggregate) {
    for (const bool lowest : {false, true}) {
      TopQuery query{{"cpu"}, at_second(kFirstHour + 100), at_second(kFirstHour + 49 * kHour + 5)};
      query.aggregate = aggregate;
      query.count = 7;
      query.lowest = lowest;
      std::vector<double> wanted;
      for (const auto& [key, numbers] : numbers_) {
        std::vector<double> within;
        for (const auto& [time, number] : numbers) {
          if (time >= query.from && time < query.to) within.push_back(number);
        }
        wanted.push_back(folded(aggregate, within));
      }
      std::sort(wanted.begin(), wanted.end());
      if (!lowest) std::reverse(wanted.begin(), wanted.end());
      const auto answer = database_->reader().top(query);
      ASSERT_TRUE(answer) << answer.error().message;
      ASSERT_EQ(answer->series.size(), 7u);
      EXPECT_EQ(answer->how.resolution, Resolution::day);
      for (std::size_t i = 0; i < 7; ++i) {
        EXPECT_NEAR(answer->series[i].value, wanted[i], tolerance(wanted[i])) << to_text(aggregate);
      }
    }
  }
}

TEST_P(QueryConformance, AFilterNarrowsByEachPartOfTheName) {
  for (const auto* instance : {"one", "two"}) {
    for (const auto* name : {"web", "db"}) {
      auto made = record("cpu", at_second(kFirstHour), {field("used", 1.5), field("idle", 2.5)},
                         {{"name", name}, {"rack", "7"}});
      made.origin = origin(instance);
      auto other = record("mem", at_second(kFirstHour), {field("used", 3.5)}, {{"name", name}});
      other.origin = origin(instance);
      ASSERT_TRUE(database_->storage().write(std::vector<Record>{made, other}));
    }
  }
  const auto count = [this](const SeriesFilter& filter) {
    const auto points = database_->reader().latest(filter);
    EXPECT_TRUE(points);
    const auto within =
        database_->reader().range(filter, at_second(kFirstHour), at_second(kFirstHour + 1), 100);
    EXPECT_TRUE(within);
    EXPECT_EQ(points->size(), within->size());
    const auto answer =
        ask({filter, at_second(kFirstHour), at_second(kFirstHour + 1), Aggregate::sum});
    EXPECT_TRUE(answer);
    EXPECT_EQ(points->size(), answer->series.size());
    return points->size();
  };
  EXPECT_EQ(count({}), 12u);
  EXPECT_EQ(count({"cpu"}), 8u);
  SeriesFilter filter{"cpu"};
  filter.field = "used";
  EXPECT_EQ(count(filter), 4u);
  filter.instance = "two";
  EXPECT_EQ(count(filter), 2u);
  filter.tags = {{"name", "db"}};
  EXPECT_EQ(count(filter), 1u);
  filter.device = "another";
  EXPECT_EQ(count(filter), 0u);
  SeriesFilter plugin;
  plugin.plugin = "disk-plugin";
  EXPECT_EQ(count(plugin), 12u);
  plugin.tags = {{"rack", "7"}};
  EXPECT_EQ(count(plugin), 8u);
}

TEST_P(QueryConformance, MoreFramesThanAreHeldAtOnceGiveTheSame) {
  std::vector<Record> records;
  for (int second = 0; second < 11'000; ++second) {
    for (const auto* name : {"web", "db"}) {
      records.push_back(record("cpu", at_second(kFirstHour + second), {field("used", second / 3.0)},
                               {{"name", name}}));
    }
  }
  write(records);
  BucketQuery query{{"cpu"}, at_second(kFirstHour), at_second(kFirstHour + 11'000)};
  query.step = std::chrono::minutes(7);
  expect_recomputation(query);
}

TEST_P(QueryConformance, TheHoursAndDaysCanBeReadAsViews) {
  write({record("cpu", at_second(kFirstHour), {field("used", 1.5)}, {{"name", "web"}}),
         record("cpu", at_second(kFirstHour + 60), {field("used", 4.5)}, {{"name", "web"}}),
         record("cpu", at_second(kFirstHour + kHour), {field("used", 6.0)}, {{"name", "web"}})});
  roll_up();
  const auto rows = fixture_->rows(
      "SELECT plugin_id, metric_name, avg_value, max_value, min_value, sample_count, sum_value, "
      "last_value, field, instance, device FROM plugin_metrics_hourly ORDER BY hour");
  ASSERT_EQ(rows.size(), 2u);
  const auto first = std::regex_replace(rows[0], std::regex("\\.0+\\b"), "");
  EXPECT_EQ(first, "disk-plugin|cpu|3|4.5|1.5|2|6|4.5|used|disk|host-a");
  EXPECT_EQ(fixture_
                ->rows("SELECT day FROM plugin_metrics_daily WHERE sample_count = 3 AND "
                       "avg_value = 4")
                .size(),
            1u);
}

}  // namespace unity::test
