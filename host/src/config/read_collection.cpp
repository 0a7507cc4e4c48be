#include <fmt/format.h>

#include "config/sections.hpp"

namespace unity::host {
namespace {

constexpr Key<CollectionConfig> kKeys[] = {
    {"default_interval",
     [](Reader& r, const Entry& e, CollectionConfig& c) {
       assign(c.default_interval, r.duration(e, kShortestInterval, kLongestInterval));
     }},
    {"batch_size", [](Reader& r, const Entry& e,
                      CollectionConfig& c) { assign(c.batch_size, r.whole(e, 1, 100'000)); }},
    {"batch_timeout",
     [](Reader& r, const Entry& e, CollectionConfig& c) {
       assign(c.batch_timeout, r.duration(e, Duration::zero(), kLongestWait));
     }},
    {"retry_count",
     [](Reader& r, const Entry& e, CollectionConfig& c) {
       assign(c.retry_count, r.whole(e, 0, kMostRetries));
     }},
    {"retry_delay",
     [](Reader& r, const Entry& e, CollectionConfig& c) {
       assign(c.retry_delay, r.duration(e, Duration::zero(), kLongestWait));
     }},
    {"retry_backoff",
     [](Reader& r, const Entry& e, CollectionConfig& c) {
       assign(c.retry_backoff, r.number(e, 1, kLargestBackoff));
     }},
    {"max_concurrent", [](Reader& r, const Entry& e,
                          CollectionConfig& c) { assign(c.max_concurrent, r.whole(e, 1, 1024)); }},
    {"max_per_target", [](Reader& r, const Entry& e,
                          CollectionConfig& c) { assign(c.max_per_target, r.whole(e, 1, 1024)); }},
    {"pause_after",
     [](Reader& r, const Entry& e, CollectionConfig& c) {
       assign(c.pause_after, r.whole(e, 0, kMostFailures));
     }},
    {"stretch_max",
     [](Reader& r, const Entry& e, CollectionConfig& c) {
       assign(c.stretch_max, r.whole(e, 1, kMostStretch));
     }},
    {"quarantine_after",
     [](Reader& r, const Entry& e, CollectionConfig& c) {
       assign(c.quarantine_after, r.whole(e, 0, 10));
     }},
    {"on_overrun", [](Reader& r, const Entry& e,
                      CollectionConfig& c) { assign(c.on_overrun, read_on_overrun(r, e)); }},
    {"on_start_error",
     [](Reader& r, const Entry& e, CollectionConfig& c) {
       assign(c.on_start_error, read_on_start_error(r, e));
     }},
    {"run_metrics",
     [](Reader& r, const Entry& e, CollectionConfig& c) { assign(c.run_metrics, r.flag(e)); }},
    {"collection_timeout",
     [](Reader& r, const Entry& e, CollectionConfig& c) {
       assign(c.collection_timeout, r.duration(e, kShortestInterval, kLongestWait));
     }},
    {"jitter",
     [](Reader& r, const Entry& e, CollectionConfig& c) {
       assign(c.jitter, r.duration(e, Duration::zero(), kLongestWait));
     }},
    {"limits", [](Reader& r, const Entry& e, CollectionConfig& c) { read_limits(r, e, c.limits); }},
    {"buffer_records", nullptr, false,
     "records wait in the spool on disk, no longer in memory; remove the key, and set "
     "`spool.max_bytes` if the spool's bound does not suit"},
};

}  // namespace

std::optional<std::string> read_on_overrun(Reader& reader, const Entry& entry) {
  return reader.choice(entry, {"skip", "coalesce"});
}

std::optional<std::string> read_on_start_error(Reader& reader, const Entry& entry) {
  return reader.choice(entry, {"error", "retry", "ignore", "probe"});
}

void read_collection(Reader& reader, const Entry& entry, CollectionConfig& collection) {
  reader.section(entry, kKeys, collection);

  const auto place_of = [&](std::string_view first, std::string_view second) {
    const auto* found = entry.value.find(first);
    if (found == nullptr) found = entry.value.find(second);
    return found != nullptr ? found->value.place : entry.key_place;
  };
  if (collection.jitter >= collection.default_interval) {
    reader.error(place_of("jitter", "default_interval"),
                 fmt::format("`jitter` ({}) must be less than `default_interval` ({})",
                             to_text(collection.jitter), to_text(collection.default_interval)));
  }
}

}  // namespace unity::host
