#include <fmt/format.h>

#include <charconv>

#include "stages.hpp"

namespace unity {
namespace {

// Whole nanoseconds since the epoch, as the ABI's integer times are.
std::optional<Time> parse_nanoseconds(const std::string& text) {
  std::int64_t nanos = 0;
  const auto end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, nanos);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return std::chrono::floor<std::chrono::microseconds>(
      std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(nanos)));
}

class Timestamp : public Processor {
 public:
  Verdict process(Record& record, const RunContext& context) override {
    if (record.time_text.empty()) {
      if (record.time == Time{}) record.time = context.started;
      return Verdict::keep();
    }
    auto time = parse_rfc3339(record.time_text);
    if (!time) time = parse_nanoseconds(record.time_text);
    if (!time) {
      return Verdict::reject("bad time",
                             fmt::format("\"{}\" is neither RFC 3339 with an offset (such as "
                                         "2026-01-31T12:00:00Z) nor nanoseconds since the epoch",
                                         record.time_text));
    }
    record.time = *time;
    record.time_text.clear();
    return Verdict::keep();
  }
};

}  // namespace

StageMaker read_timestamp(Options&) {
  return [](StageBuild&) { return std::make_unique<Timestamp>(); };
}

}  // namespace unity
