#include "plugin/plugin_set.hpp"

#include <fmt/format.h>

namespace unity::host {

std::vector<std::string> PluginSet::ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, file] : by_id) ids.push_back(id);
  return ids;
}

Result<PluginSet> scan_plugins(std::span<const std::filesystem::path> folders) {
  const auto files = find_plugin_files(folders);
  if (!files) return files.error();
  PluginSet set;
  for (const auto& path : *files) {
    auto file = read_plugin_file(path);
    if (!file) {
      set.unusable.push_back(std::move(file).error());
      continue;
    }
    const auto id = file->manifest.id;
    const auto [known, added] = set.by_id.emplace(id, std::move(*file));
    if (!added) {
      set.unusable.push_back(
          {Errc::refused, fmt::format("cannot use plugin {}: {} is already provided by {}",
                                      path.string(), id, known->second.path.string())});
    }
  }
  return set;
}

std::filesystem::path bundled_plugin_dir() {
  std::error_code error;
  const auto binary = std::filesystem::read_symlink("/proc/self/exe", error);
  return (binary.parent_path() / ".." / "lib" / "unity" / "plugins").lexically_normal();
}

}  // namespace unity::host
