#include "plugin/plugin_library.hpp"

#include <map>
#include <mutex>
#include <vector>

namespace unity::host {

Result<std::shared_ptr<const Library>> load_into_host(std::shared_ptr<const PluginImage> image) {
  static std::mutex mutex;
  static auto& loaded = *new std::map<Sha256, std::shared_ptr<const Library>>;
  const std::lock_guard lock(mutex);
  if (const auto found = loaded.find(image->hash); found != loaded.end()) {
    return found->second;
  }
  // Its descriptor stays whatever becomes of it: were the number used again, the linker would take
  // the next plugin for this one.
  static auto& kept = *new std::vector<std::shared_ptr<const PluginImage>>;
  kept.push_back(image);
  auto library = Library::load(image->memory.get(), image->identity);
  if (library) loaded.emplace(image->hash, *library);
  return library;
}

}  // namespace unity::host
