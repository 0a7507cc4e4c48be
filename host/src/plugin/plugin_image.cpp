#include "plugin/plugin_image.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <mutex>

#include "plugin/bundled.hpp"

namespace unity::host {
namespace {

Error refuse(const PluginFile& file, std::string why) {
  return {Errc::unavailable, fmt::format("cannot load plugin {}: {}", file.path.string(), why)};
}

Result<FileDescriptor> copy_and_seal(const PluginFile& file) {
  FileDescriptor memory(
      ::memfd_create(file.path.filename().c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory) return refuse(file, fmt::format("memfd_create: {}", std::strerror(errno)));
  std::string_view rest = file.image;
  while (!rest.empty()) {
    const auto written = ::write(memory.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      return refuse(file, fmt::format("cannot copy it to memory: {}", std::strerror(errno)));
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fcntl(memory.get(), F_ADD_SEALS,
              F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    return refuse(file, fmt::format("cannot seal its copy: {}", std::strerror(errno)));
  }
  return memory;
}

}  // namespace

Result<std::shared_ptr<const PluginImage>> PluginImage::seal(const PluginFile& file) {
  static std::mutex mutex;
  static auto& known = *new std::map<Sha256, std::weak_ptr<const PluginImage>>;
  const std::lock_guard lock(mutex);
  auto& place = known[file.hash];
  if (auto image = place.lock()) return image;
  auto memory = copy_and_seal(file);
  if (!memory) return memory.error();
  auto image = std::make_shared<PluginImage>();
  image->memory = std::move(*memory);
  image->hash = file.hash;
  image->identity.path = file.path.string();
  image->identity.manifest = file.manifest_text;
  for (const auto& collector : file.manifest.collectors) {
    image->identity.collectors.push_back(collector.name);
  }
  for (const auto& dataset : file.manifest.datasets) {
    image->identity.datasets.push_back(dataset.name);
  }
  image->manifest = std::make_shared<const Manifest>(file.manifest);
  image->bundled = is_bundled(file.hash);
  place = image;
  return std::shared_ptr<const PluginImage>(image);
}

}  // namespace unity::host
