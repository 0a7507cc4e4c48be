// Turns the counters of records into rates, across wraps, resets and restarts.
#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>

#include "rate_memory.hpp"
#include "record_key.hpp"
#include "stages.hpp"

namespace unity {
namespace {

constexpr std::string_view kFirstOfARate = "first of a rate";
// Series not seen for this long are forgotten when many are known.
constexpr Duration kForgetAfter = std::chrono::hours(1);
constexpr std::size_t kForgetAbove = 10'000;
constexpr Duration kPruneEvery = std::chrono::minutes(1);
// A counter that went down has wrapped only if the rate this implies is not far above the last
// one; otherwise it was reset.
constexpr double kWrapRateFactor = 10;

std::optional<std::uint64_t> as_unsigned(const FieldValue& value) {
  if (const auto* positive = std::get_if<std::uint64_t>(&value)) return *positive;
  if (const auto* integer = std::get_if<std::int64_t>(&value);
      integer != nullptr && *integer >= 0) {
    return static_cast<std::uint64_t>(*integer);
  }
  return std::nullopt;
}

// How much a whole counter that went down has grown if it wrapped at 32 or 64 bits.
double growth_across_wrap(std::uint64_t from, std::uint64_t to) {
  constexpr std::uint64_t max32 = UINT32_MAX;
  if (from <= max32) return static_cast<double>(max32 - from + to + 1);
  return static_cast<double>(to - from);  // modulo 2^64
}

// The rate between two values, or nothing after a reset.
std::optional<double> rate_between(const RateCounter& before, const FieldValue& now,
                                   double seconds) {
  const auto from = as_unsigned(before.value);
  const auto to = as_unsigned(now);
  if (from && to) {
    // On integers: doubles would lose the low bits of large counters.
    if (*to >= *from) return static_cast<double>(*to - *from) / seconds;
    const double wrapped = growth_across_wrap(*from, *to) / seconds;
    if (before.rate && wrapped <= *before.rate * kWrapRateFactor) return wrapped;
    return std::nullopt;
  }
  const double grown = as_double(now) - as_double(before.value);
  if (grown < 0) return std::nullopt;
  return grown / seconds;
}

class Rate : public Processor {
 public:
  explicit Rate(std::string boot) : boot_(std::move(boot)) {}

  Verdict process(Record& record, const RunContext& context) override {
    const bool counts = std::any_of(record.fields.begin(), record.fields.end(),
                                    [](const Field& f) { return f.kind == Kind::counter; });
    if (!counts) return Verdict::keep();

    auto& series = series_of(record, context);
    // A record's own time is compared with such times only, as is the clock that nobody sets.
    const bool own_time = record.time != context.started;
    const auto stamp = own_time ? record.time.time_since_epoch()
                                : std::chrono::floor<RateStamp>(context.began.time_since_epoch());
    std::size_t place = 0;
    std::size_t without_rate = 0;
    for (auto& field : record.fields) {
      if (field.kind != Kind::counter || !is_number(field.value))
        continue;  // null: nothing is said
      auto& counter = series.counter(field.name, place++);
      if (to_rate(field, counter, {stamp, context.started, own_time})) continue;
      field.name.clear();  // marks what is to be left out
      ++without_rate;
    }
    if (without_rate == 0) return Verdict::keep();
    std::erase_if(record.fields, [](const Field& field) { return field.name.empty(); });
    if (!record.fields.empty() || !record.summary.empty()) return Verdict::keep();
    return Verdict::drop(std::string(kFirstOfARate));
  }

  std::string save() const override { return save_rates(memory_, boot_); }
  void restore(std::string_view saved) override { restore_rates(saved, boot_, memory_); }

 private:
  RateSeries& series_of(const Record& record, const RunContext& context) {
    const auto now = context.began;
    if (memory_.size() > kForgetAbove && now - pruned_ > kPruneEvery) {
      pruned_ = now;
      for (auto& [name, known] : memory_) {
        if (known.seen == Instant{}) known.seen = now;  // from before a restart
      }
      std::erase_if(memory_, [&](const auto& e) { return now - e.second.seen > kForgetAfter; });
      for (auto& [name, known] : memory_) known.next = nullptr;
      last_ = nullptr;
    }
    // Collectors speak of the same things in the same order, run after run.
    auto* series = last_ != nullptr ? last_->next : nullptr;
    if (series == nullptr || !RecordKey::is(*series->key, record)) {
      auto& [key, found] = *memory_.try_emplace(key_.of(record)).first;
      found.key = &key;
      series = &found;
      if (last_ != nullptr) last_->next = series;
    }
    series->seen = now;
    return *(last_ = series);
  }

  struct Moment {
    RateStamp stamp;
    Time wall;
    bool own_time;
  };

  // False if the field has no rate yet and is to be left out.
  static bool to_rate(Field& field, RateCounter& counter, const Moment& now) {
    std::optional<double> rate;
    if (is_number(counter.value) && counter.own_time == now.own_time) {
      // What another start of the machine has counted has only the wall clock to go by.
      const auto since =
          counter.of_other_boot ? now.wall - counter.wall : now.stamp - counter.stamp;
      if (since.count() > 0) {
        const std::chrono::duration<double> seconds = since;
        rate = rate_between(counter, field.value, seconds.count());
      }
    }
    counter.value = field.value;
    counter.stamp = now.stamp;
    counter.wall = now.wall;
    counter.own_time = now.own_time;
    counter.of_other_boot = false;
    counter.rate = rate;
    if (!rate) return false;
    field.value = *rate;
    field.kind = Kind::rate;
    if (counter.unit != field.unit || counter.rate_unit.empty()) {
      counter.unit = field.unit;
      counter.rate_unit = unit_of_rate(field.unit);
    }
    field.unit = counter.rate_unit;
    return true;
  }

  std::string boot_;
  RateMemory memory_;
  RateSeries* last_ = nullptr;  // within the memory
  Instant pruned_{};
  RecordKey key_;
};

// What a counter has become for the stages after this one.
void make_rates(MetricSpec& metric) {
  for (auto& field : metric.fields) {
    if (field.kind == Kind::counter && field.required) --metric.required;
    field = as_rate(std::move(field));
  }
}

}  // namespace

StageMaker read_rate(Options&) {
  return [](StageBuild& build) {
    build.change(make_rates);
    return std::make_unique<Rate>(build.context().boot);
  };
}

}  // namespace unity
