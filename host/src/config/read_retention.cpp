#include <fmt/format.h>

#include <charconv>

#include "config/sections.hpp"

namespace unity::host {
namespace {

using db::Keep;
using std::chrono::days;

constexpr Duration kLeast = days(1);  // rows go by whole days
constexpr Duration kMost = days(365 * 100);
constexpr std::uint64_t kLeastBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 50;
constexpr std::string_view kForever = "forever";

void read_time(Reader& reader, const Entry& entry, Keep& keep) {
  if (entry.value.kind == Node::Kind::scalar && entry.value.text == kForever) {
    keep.time.reset();
  } else if (const auto time = reader.duration(entry, kLeast, kMost)) {
    keep.time = *time;
  }
}

constexpr Key<Keep> kKeepKeys[] = {
    {"time", read_time},
    {"size", [](Reader& r, const Entry& e,
                Keep& k) { assign(k.bytes, r.size(e, kLeastBytes, kMostBytes)); }},
};

// A time, the word `forever`, or both bounds; what is not written stays as it is.
void read_keep(Reader& reader, const Entry& entry, Keep& keep) {
  if (entry.value.kind == Node::Kind::mapping) return reader.section(entry, kKeepKeys, keep);
  read_time(reader, entry, keep);
}

template <Keep db::RetentionConfig::*member>
void read_member(Reader& reader, const Entry& entry, RetentionSettings& retention) {
  read_keep(reader, entry, retention.keep.*member);
}

constexpr Key<RetentionSettings> kKeys[] = {
    {"raw_metrics", read_member<&db::RetentionConfig::raw_metrics>},
    {"hourly_aggregates", read_member<&db::RetentionConfig::hourly_aggregates>},
    {"daily_aggregates", read_member<&db::RetentionConfig::daily_aggregates>},
    {"window_aggregates", read_member<&db::RetentionConfig::window_aggregates>},
    {"alert_history", read_member<&db::RetentionConfig::alert_history>},
    {"audit", read_member<&db::RetentionConfig::audit>},
    {"events", read_member<&db::RetentionConfig::events>},
    {"configuration", read_member<&db::RetentionConfig::configuration>},
    {"late_window",
     [](Reader& r, const Entry& e, RetentionSettings& s) {
       assign(s.late_window, r.duration(e, std::chrono::hours(1), kMost));
     }},
};

// The place of the first of these keys that is written.
Place place_of(const Entry& entry, std::initializer_list<const char*> keys) {
  for (const auto* key : keys) {
    if (const auto* found = entry.value.find(key)) return found->value.place;
  }
  return entry.key_place;
}

}  // namespace

void check_retention_days(Reader& reader, const Node& database, const Keep& raw_metrics) {
  const auto* timeseries = database.find("timeseries");
  const auto* entry = timeseries != nullptr ? timeseries->value.find("retention_days") : nullptr;
  if (entry == nullptr || entry->value.kind != Node::Kind::scalar) return;
  const auto& text = entry->value.text;
  int written = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, written);
  // What is no such number is a mistake that the key's reader has told.
  if (read.ec != std::errc() || read.ptr != end || written < 1 || written > kRetentionDaysMax) {
    return;
  }
  if (raw_metrics.time == days(written)) return;
  reader.error(
      entry->value.place,
      fmt::format("`retention_days` is {} and `retention.raw_metrics`, which is what "
                  "counts, is {}; write the time there and remove this key",
                  written, raw_metrics.time ? to_text(*raw_metrics.time) : std::string(kForever)));
}

void read_retention(Reader& reader, const Entry& entry, RetentionSettings& retention) {
  reader.section(entry, kKeys, retention);
  // Else a record that is taken could lie in a day that is being dropped, and a rollup that is to
  // be corrected would be gone.
  const auto least = retention.late_window + days(1);
  const auto require = [&](const char* key, const Keep& keep) {
    if (!keep.time || *keep.time >= least) return;
    reader.error(
        place_of(entry, {key, "late_window"}),
        fmt::format("`{}` ({}) must be at least a day longer than `late_window` ({}): what "
                    "comes late must find its day",
                    key, to_text(*keep.time), to_text(retention.late_window)));
  };
  require("raw_metrics", retention.keep.raw_metrics);
  require("hourly_aggregates", retention.keep.hourly_aggregates);
  require("daily_aggregates", retention.keep.daily_aggregates);
}

}  // namespace unity::host
