#include <fmt/format.h>

#include "config/sections.hpp"
#include "unity/core/base/size.hpp"

namespace unity::host {
namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr std::uint64_t kTiB = 1024 * 1024 * kMiB;

void read_sync(Reader& reader, const Entry& entry, SpoolSettings& spool) {
  const auto word = reader.choice(entry, {"group", "each", "os"});
  if (!word) return;
  spool.sync = *word == "group"  ? db::SyncMode::group
               : *word == "each" ? db::SyncMode::each
                                 : db::SyncMode::os;
}

void read_when_full(Reader& reader, const Entry& entry, SpoolSettings& spool) {
  const auto word = reader.choice(entry, {"drop_oldest", "block", "reject"});
  if (!word) return;
  spool.when_full = *word == "drop_oldest" ? db::FullPolicy::drop_oldest
                    : *word == "block"     ? db::FullPolicy::block
                                           : db::FullPolicy::reject;
}

constexpr Key<SpoolSettings> kKeys[] = {
    {"path", [](Reader& r, const Entry& e, SpoolSettings& s) { assign(s.path, r.text(e)); }},
    {"max_bytes", [](Reader& r, const Entry& e,
                     SpoolSettings& s) { assign(s.max_bytes, r.size(e, kMiB, 64 * kTiB)); }},
    {"segment_bytes",
     [](Reader& r, const Entry& e, SpoolSettings& s) {
       assign(s.segment_bytes, r.size(e, 64 * kKiB, 1024 * kMiB));
     }},
    {"min_free_bytes", [](Reader& r, const Entry& e,
                          SpoolSettings& s) { assign(s.min_free_bytes, r.size(e, 0, 64 * kTiB)); }},
    {"sync", read_sync},
    {"when_full", read_when_full},
};

}  // namespace

void read_spool(Reader& reader, const Entry& entry, SpoolSettings& spool) {
  reader.section(entry, kKeys, spool);
  const auto* written = entry.value.find("segment_bytes");
  if (written != nullptr && spool.segment_bytes > spool.max_bytes / 4) {
    reader.error(written->value.place,
                 fmt::format("`segment_bytes` ({}) must be at most a quarter of `max_bytes` ({})",
                             size_text(spool.segment_bytes), size_text(spool.max_bytes)));
  }
}

}  // namespace unity::host
