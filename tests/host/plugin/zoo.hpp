// The plugins of tests/fixtures/plugins, copied into a folder of the test's own, so that neither
// the owner nor the mode of the build tree matters.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "plugin/plugin_library.hpp"
#include "support/temp_dir.hpp"

namespace unity::host {

inline std::filesystem::path zoo_path(const std::string& name) {
  return std::filesystem::path(UNITY_ZOO) / (name + ".so");
}

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class PluginFolder {
 public:
  std::filesystem::path path() const { return folder_.path(); }

  std::filesystem::path write(const std::string& name, std::string_view bytes) const {
    const auto path = folder_ / name;
    std::ofstream(path, std::ios::binary) << bytes;
    ::chmod(path.c_str(), 0644);
    return path;
  }
  std::filesystem::path copy(const std::string& name) const {
    return write(name + ".so", read_bytes(zoo_path(name)));
  }

 private:
  test::TempDir folder_;
};

inline Result<PluginFile> read_from_zoo(const std::string& name) {
  const PluginFolder folder;
  return read_plugin_file(folder.copy(name));
}

inline Result<std::shared_ptr<const PluginImage>> image_from_zoo(const std::string& name) {
  const auto file = read_from_zoo(name);
  if (!file) return file.error();
  return PluginImage::seal(*file);
}

inline Result<std::shared_ptr<const Library>> load_from_zoo(const std::string& name) {
  auto image = image_from_zoo(name);
  if (!image) return image.error();
  return load_into_host(std::move(*image));
}

}  // namespace unity::host
