// Settles when a record was true, in UTC.
#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "field_finder.hpp"
#include "stages.hpp"
#include "unity/core/base/time_format.hpp"

namespace unity {
namespace {

// How far clocks may differ.
constexpr std::chrono::minutes kClockSkew{5};

struct TimeOptions {
  std::vector<TimeFormat> formats;
  std::vector<std::string> patterns;  // as written, for messages
  std::optional<TimeZone> zone;
  std::int64_t units_per_second = 1'000'000'000;  // of numbers since the epoch
  std::string field;                              // where the time is; empty: the record's own
  std::string tag;
};

// A number since the epoch, whole or with a fraction.
std::optional<Time> parse_epoch(const std::string& text, std::int64_t units) {
  const auto end = text.data() + text.size();
  const auto reads = [&](auto& number) {
    const auto result = std::from_chars(text.data(), end, number);
    return result.ec == std::errc() && result.ptr == end;
  };
  constexpr std::int64_t kMicros = 1'000'000;
  if (std::int64_t whole = 0; reads(whole)) {
    if (units > kMicros) {
      using std::chrono::nanoseconds;
      return Time(std::chrono::floor<std::chrono::microseconds>(nanoseconds(whole)));
    }
    std::int64_t micros = 0;
    if (__builtin_mul_overflow(whole, kMicros / units, &micros)) return std::nullopt;
    return Time(std::chrono::microseconds(micros));
  }
  double real = 0;
  if (units > kMicros || !reads(real) || text.find_first_of("eE") != text.npos) return std::nullopt;
  const double micros = real * (static_cast<double>(kMicros) / static_cast<double>(units));
  if (!(std::abs(micros) < 9e18)) return std::nullopt;
  return Time(std::chrono::microseconds(std::llround(micros)));
}

class Timestamp : public Processor {
 public:
  Timestamp(const TimeOptions& options, std::optional<Duration> late_window)
      : options_(options), late_window_(late_window), finder_(options.field) {}

  Verdict process(Record& record, const RunContext& context) override {
    if (!options_.field.empty() || !options_.tag.empty()) take_text(record);
    if (!record.time_text.empty()) {
      const auto time = read(record.time_text);
      if (!time) return Verdict::reject("bad time", complaint(record.time_text));
      record.time = *time;
      record.time_text.clear();
    } else if (record.time == Time{}) {
      record.time = context.started;
      return Verdict::keep();
    }
    return late_window_ ? judge(record.time, context.emitted) : Verdict::keep();
  }

 private:
  // Judged when it is collected: what waits for a database afterwards does not grow too old by
  // that.
  Verdict judge(Time time, Time emitted) const {
    if (time > emitted + kClockSkew) {
      return Verdict::reject(
          "from_future", fmt::format("its time {} is more than {} after {}, when it was collected; "
                                     "a clock is wrong",
                                     to_rfc3339(time), to_text(kClockSkew), to_rfc3339(emitted)));
    }
    if (time < emitted - std::chrono::floor<std::chrono::microseconds>(*late_window_)) {
      return Verdict::reject(
          "too_late", fmt::format("its time {} is more than {} (retention.late_window) before "
                                  "{}, when it was collected",
                                  to_rfc3339(time), to_text(*late_window_), to_rfc3339(emitted)));
    }
    return Verdict::keep();
  }

  std::optional<Time> read(const std::string& text) const {
    const auto* zone = options_.zone ? &*options_.zone : nullptr;
    for (const auto& format : options_.formats) {
      if (const auto time = format.read(text, zone)) return time;
    }
    if (const auto time = parse_rfc3339(text)) return time;
    return parse_epoch(text, options_.units_per_second);
  }

  // The time moves from the field or tag to where a record has its own.
  void take_text(Record& record) {
    if (!options_.tag.empty()) {
      if (const auto* value = record.tags.find(options_.tag)) {
        record.time_text = *value;
        record.tags.erase(options_.tag);
      }
      return;
    }
    auto* field = finder_.in(record);
    if (field == nullptr || std::holds_alternative<std::monostate>(field->value)) return;
    if (const auto* text = std::get_if<std::string>(&field->value)) {
      record.time_text = *text;
    } else if (const auto* whole = std::get_if<std::int64_t>(&field->value)) {
      record.time_text = std::to_string(*whole);
    } else {
      record.time_text = fmt::format("{:.6f}", as_double(field->value));
    }
    record.fields.erase(record.fields.begin() + (field - record.fields.data()));
  }

  std::string complaint(const std::string& text) const {
    if (!options_.patterns.empty()) {
      return fmt::format(
          "\"{}\" fits none of the formats {}, and is neither RFC 3339 nor a number "
          "since the epoch",
          text, fmt::join(options_.patterns, ", "));
    }
    return fmt::format(
        "\"{}\" is neither RFC 3339 with an offset (such as 2026-01-31T12:00:00Z) "
        "nor {} since the epoch",
        text, unit_name());
  }

  std::string_view unit_name() const {
    switch (options_.units_per_second) {
      case 1:
        return "seconds";
      case 1'000:
        return "milliseconds";
      case 1'000'000:
        return "microseconds";
      default:
        return "nanoseconds";
    }
  }

  TimeOptions options_;
  std::optional<Duration> late_window_;
  FieldFinder finder_;
};

}  // namespace

StageMaker read_timestamp(Options& in) {
  TimeOptions options;
  options.patterns = in.texts("formats");
  for (std::size_t i = 0; i < options.patterns.size(); ++i) {
    auto format = TimeFormat::parse(options.patterns[i]);
    if (format) {
      options.formats.push_back(std::move(*format));
    } else {
      in.complain(options.patterns.size() == 1 ? "formats" : fmt::format("formats/{}", i),
                  format.error().message);
    }
  }
  if (const auto name = in.text("zone")) {
    auto zone = TimeZone::find(*name);
    if (zone) {
      options.zone = *zone;
    } else {
      in.complain("zone", zone.error().message);
    }
  }
  constexpr std::int64_t kUnits[] = {1, 1'000, 1'000'000, 1'000'000'000};
  options.units_per_second = kUnits[in.choice("epoch", {"s", "ms", "us", "ns"}).value_or(3)];
  options.field = in.text("field").value_or("");
  options.tag = in.text("tag").value_or("");
  if (!options.field.empty() && !options.tag.empty()) {
    in.complain("tag", "the time is in a `field` or in a `tag`, not in both");
  }
  return [options](StageBuild& build) {
    if (!options.field.empty()) {
      build.need_field(options.field, "field");
      build.change([&](MetricSpec& metric) {
        std::erase_if(metric.fields, [&](const FieldSpec& f) { return f.name == options.field; });
      });
    }
    return std::make_unique<Timestamp>(options, build.context().late_window);
  };
}

}  // namespace unity
