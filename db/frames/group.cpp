#include "frames/group.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "frames/merge.hpp"
#include "frames/text.hpp"

namespace unity::db {
namespace {

// Lengths make the key unambiguous whatever the parts contain.
void append_part(std::string& key, std::string_view part) {
  const auto size = static_cast<std::uint32_t>(part.size());
  key.append(reinterpret_cast<const char*>(&size), sizeof size);
  key += part;
}

void make_key(std::string& key, const Record& record) {
  key.clear();
  append_part(key, record.origin->device);
  append_part(key, record.origin->plugin);
  append_part(key, record.origin->instance);
  for (const auto& [name, value] : record.tags) {
    append_part(key, name);
    append_part(key, value);
  }
}

std::optional<Rejection> check_source(const Record& record, std::size_t index) {
  const auto bad = [index](std::string_view what, std::string_view text, std::size_t length) {
    return Rejection{index, "invalid",
                     fmt::format("the {} \"{}\" is no name of 1 to {} characters of UTF-8", what,
                                 is_utf8(text) ? text : "?", length)};
  };
  const auto& origin = *record.origin;
  if (!is_name(origin.device, kDeviceLength)) return bad("device", origin.device, kDeviceLength);
  if (!is_name(origin.plugin, kPluginLength)) return bad("plugin", origin.plugin, kPluginLength);
  if (!is_name(origin.instance, kInstanceLength)) {
    return bad("instance", origin.instance, kInstanceLength);
  }
  for (const auto& [name, value] : record.tags) {
    if (!is_text(name) || !is_text(value)) {
      return Rejection{index, "invalid", "a tag is not UTF-8, or contains a NUL"};
    }
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<FrameGroup>> group_by_frame(std::span<const Record> batch, SourceTable& sources,
                                               std::vector<Rejection>& rejections) {
  std::vector<FrameGroup> groups;
  std::map<std::pair<const Source*, Time>, std::size_t> index_of;
  std::string key;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto& record = batch[i];
    if (!has_content(record)) continue;
    make_key(key, record);
    Source* source = sources.find(key);
    if (source == nullptr) {
      if (auto rejection = check_source(record, i)) {
        rejections.push_back(std::move(*rejection));
        continue;
      }
      auto loaded = sources.load(record, key);
      if (!loaded) return std::move(loaded).error();
      source = *loaded;
    }
    const auto [found, added] = index_of.try_emplace({source, record.time}, groups.size());
    if (added) groups.push_back({source, record.time, {}});
    groups[found->second].records.push_back(i);
  }
  return groups;
}

}  // namespace unity::db
