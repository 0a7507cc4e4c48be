#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>

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

// Microseconds: in nanoseconds, a record of a distant time would not fit.
using Stamp = std::chrono::microseconds;

struct Counter {
  FieldValue value;
  Stamp stamp{};
  bool own_time = false;       // the stamp is the record's own time, not the run's
  std::optional<double> rate;  // the last one; none right after the first value or a reset
};

// The counters of one source and metric. Each has its own stamp: a record may leave one out, and
// the counters of a metric may come in several records.
struct Known {
  Instant seen{};
  std::unordered_map<std::string, Counter> counters;
};

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
std::optional<double> rate_between(const Counter& before, const FieldValue& now, double seconds) {
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
  Verdict process(Record& record, const RunContext& context) override {
    const bool counts = std::any_of(record.fields.begin(), record.fields.end(),
                                    [](const Field& f) { return f.kind == Kind::counter; });
    if (!counts) return Verdict::keep();

    auto& known = known_of(record, context.began);
    const bool own_time = record.time != context.started;
    const auto stamp = own_time ? record.time.time_since_epoch()
                                : std::chrono::floor<Stamp>(context.began.time_since_epoch());
    std::erase_if(record.fields, [&](Field& field) {
      return field.kind == Kind::counter && !to_rate(field, known, stamp, own_time);
    });
    if (!record.fields.empty() || !record.summary.empty()) return Verdict::keep();
    return Verdict::drop(std::string(kFirstOfARate));
  }

 private:
  Known& known_of(const Record& record, Instant now) {
    key_.clear();
    append_to_key(record.metric);
    for (const auto& [name, value] : record.tags) {
      append_to_key(name);
      append_to_key(value);
    }
    if (known_.size() > kForgetAbove && now - pruned_ > kPruneEvery) {
      pruned_ = now;
      std::erase_if(known_, [&](const auto& e) { return now - e.second.seen > kForgetAfter; });
    }
    auto& known = known_[key_];
    known.seen = now;
    return known;
  }

  // With its length, as text may hold any byte.
  void append_to_key(std::string_view text) {
    key_ += std::to_string(text.size());
    key_ += ':';
    key_ += text;
  }

  // False if the field has no rate yet and is to be left out.
  static bool to_rate(Field& field, Known& known, Stamp stamp, bool own_time) {
    if (!is_number(field.value)) return true;  // null: nothing was said
    auto& counter = known.counters[field.name];
    const bool comparable =
        is_number(counter.value) && counter.own_time == own_time && stamp > counter.stamp;
    std::optional<double> rate;
    if (comparable) {
      const std::chrono::duration<double> between = stamp - counter.stamp;
      rate = rate_between(counter, field.value, between.count());
    }
    counter = {std::move(field.value), stamp, own_time, rate};
    if (!rate) return false;
    field.value = *rate;
    field.kind = Kind::rate;
    field.unit = (field.unit.empty() ? "1" : field.unit) + "/s";
    return true;
  }

  std::unordered_map<std::string, Known> known_;
  Instant pruned_{};
  std::string key_;
};

}  // namespace

StageMaker read_rate(Options&) {
  return [](StageBuild&) { return std::make_unique<Rate>(); };
}

}  // namespace unity
