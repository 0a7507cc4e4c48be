// The sections whose features come later: their files are good today and stay good then.
#include "config/sections.hpp"

namespace unity::host {
namespace {

struct Cache {};
struct Lifetimes {};

template <class Section>
void lifetime(Reader& reader, const Entry& entry, Section&) {
  reader.duration(entry, Duration::zero(), kLongestWait);
}

constexpr Key<Lifetimes> kLifetimeKeys[] = {
    {"latest", lifetime<Lifetimes>},
    {"latest_metrics", lifetime<Lifetimes>},
    {"dashboard", lifetime<Lifetimes>},
    {"status", lifetime<Lifetimes>},
};

constexpr Key<Cache> kCacheKeys[] = {
    {"type",
     [](Reader& r, const Entry& e, Cache&) {
       r.choice(e, {"memory", "redis", "valkey", "none"});
     }},
    {"enabled", [](Reader& r, const Entry& e, Cache&) { r.flag(e); }},
    {"host", [](Reader& r, const Entry& e, Cache&) { r.text(e); }},
    {"port", [](Reader& r, const Entry& e, Cache&) { r.whole(e, 1, 65'535); }},
    {"db", [](Reader& r, const Entry& e, Cache&) { r.whole(e, 0, 65'535); }},
    {"password", [](Reader& r, const Entry& e, Cache&) { r.text_or_empty(e); }},
    {"ttl",
     [](Reader& r, const Entry& e, Cache&) {
       Lifetimes lifetimes;
       r.section(e, kLifetimeKeys, lifetimes);
     }},
};

}  // namespace

void check_cache(Reader& reader, const Entry& entry) {
  Cache cache;
  reader.section(entry, kCacheKeys, cache);
}

}  // namespace unity::host
