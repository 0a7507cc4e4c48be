#include "config/sections.hpp"

namespace unity::host {
namespace {

constexpr Key<WatchConfig> kKeys[] = {
    {"plugins", [](Reader& r, const Entry& e, WatchConfig& w) { assign(w.plugins, r.flag(e)); }},
    {"config", [](Reader& r, const Entry& e, WatchConfig& w) { assign(w.config, r.flag(e)); }},
    {"settle",
     [](Reader& r, const Entry& e, WatchConfig& w) {
       assign(w.settle, r.duration(e, std::chrono::milliseconds(10), std::chrono::minutes(1)));
     }},
};

}  // namespace

void read_watch(Reader& reader, const Entry& entry, WatchConfig& watch) {
  reader.section(entry, kKeys, watch);
}

}  // namespace unity::host
