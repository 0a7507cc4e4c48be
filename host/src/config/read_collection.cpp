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
       assign(c.batch_timeout, r.duration(e, kShortestInterval, kLongestWait));
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
    {"collection_timeout",
     [](Reader& r, const Entry& e, CollectionConfig& c) {
       assign(c.collection_timeout, r.duration(e, kShortestInterval, kLongestWait));
     }},
    {"jitter",
     [](Reader& r, const Entry& e, CollectionConfig& c) {
       assign(c.jitter, r.duration(e, Duration::zero(), kLongestWait));
     }},
    {"buffer_records", nullptr, false,
     "records wait in the spool on disk, no longer in memory; remove the key, and set "
     "`spool.max_bytes` if the spool's bound does not suit"},
};

}  // namespace

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
