#include "plugin/plugin_library.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <cstring>
#include <deque>
#include <mutex>

#include "base/file_descriptor.hpp"
#include "host_version.hpp"

namespace unity::host {
namespace {

using Entry = const unity_plugin*(const unity_entry_args*);
constexpr const char* kEntry = "unity_plugin_entry_v1";

Error refuse(const PluginFile& file, std::string why) {
  return {Errc::invalid, fmt::format("cannot load plugin {}: {}", file.path.string(), why)};
}

// A copy of the image that nobody can change any more. The descriptor stays open for ever: were
// its number used again, the dynamic linker would take the next plugin for this one.
Result<int> seal(const PluginFile& file) {
  FileDescriptor memory(
      ::memfd_create(file.path.filename().c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory) return refuse(file, fmt::format("memfd_create: {}", std::strerror(errno)));
  std::string_view rest = file.image;
  while (!rest.empty()) {
    const auto written = ::write(memory.get(), rest.data(), rest.size());
    if (written < 0) {
      return refuse(file, fmt::format("cannot copy it to memory: {}", std::strerror(errno)));
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fcntl(memory.get(), F_ADD_SEALS,
              F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    return refuse(file, fmt::format("cannot seal its copy: {}", std::strerror(errno)));
  }
  return memory.release();
}

Result<Entry*> link(const PluginFile& file, int fd) {
  using boost::dll::load_mode::rtld_local;
  using boost::dll::load_mode::rtld_now;
  std::error_code error;
  static auto& libraries = *new std::deque<boost::dll::shared_library>;  // for ever: never unloaded
  auto& library = libraries.emplace_back();
  library.load(fmt::format("/proc/self/fd/{}", fd), error, rtld_now | rtld_local);
  if (error) {
    const char* why = ::dlerror();
    return refuse(file, why != nullptr ? why : error.message());
  }
  if (!library.has(kEntry)) return refuse(file, fmt::format("it does not export {}", kEntry));
  return &library.get<Entry>(kEntry);
}

// Table rule of the ABI: what both sides know is copied, the rest is zero or ignored.
template <class Table>
Table copy_table(const Table* theirs) {
  Table ours{};
  std::memcpy(&ours, theirs, std::min<std::size_t>(theirs->struct_size, sizeof ours));
  return ours;
}

Result<unity_collector> check_collector(const PluginFile& file, const unity_collector* theirs) {
  if (theirs == nullptr) return refuse(file, "its list of collectors holds a null pointer");
  if (theirs->struct_size < sizeof(unity_collector)) {
    return refuse(file, fmt::format("a collector table has {} bytes, ABI 1.0 has {}",
                                    theirs->struct_size, sizeof(unity_collector)));
  }
  const auto table = copy_table(theirs);
  const std::string name(table.name.ptr, table.name.len);
  if (file.manifest.find_collector(name) == nullptr) {
    return refuse(file, fmt::format("collector \"{}\" is not in its manifest", name));
  }
  constexpr std::uint32_t known_flags = UNITY_COLLECTOR_POLLED | UNITY_COLLECTOR_STREAMING;
  if ((table.flags & ~known_flags) != 0 || (table.flags & known_flags) == 0) {
    return refuse(file, fmt::format("collector \"{}\" has flags {:#x}", name, table.flags));
  }
  const bool polled = (table.flags & UNITY_COLLECTOR_POLLED) != 0;
  if (table.create == nullptr || table.destroy == nullptr || (polled && table.collect == nullptr) ||
      (!polled && table.stream == nullptr)) {
    return refuse(file, fmt::format("collector \"{}\" lacks a function that its mode needs", name));
  }
  return table;
}

// A plugin must not throw through the ABI; one that does all the same is told so.
Result<const unity_plugin*> guarded_entry(const PluginFile& file, Entry* entry,
                                          const unity_entry_args& args) {
  try {
    if (const auto* plugin = entry(&args)) return plugin;
    return refuse(file, "its entry refused this host");
  } catch (const std::exception& exception) {
    return refuse(file, fmt::format("its entry threw an exception: {}", exception.what()));
  } catch (...) {
    return refuse(file, "its entry threw an exception");
  }
}

Result<const unity_plugin*> call_entry(const PluginFile& file, Entry* entry) {
  unity_entry_args args{};
  args.struct_size = sizeof args;
  args.abi = UNITY_ABI_LATEST;
  args.host_name = {"unity", 5};
  args.host_version = {kHostVersion.data(), kHostVersion.size()};
  const auto returned = guarded_entry(file, entry, args);
  if (!returned) return returned;
  const auto* plugin = *returned;
  if (plugin->struct_size < sizeof(unity_plugin)) {
    return refuse(file, fmt::format("its table has {} bytes, ABI 1.0 has {}", plugin->struct_size,
                                    sizeof(unity_plugin)));
  }
  if (plugin->abi_min > UNITY_ABI_LATEST) {
    return refuse(file, fmt::format("it needs plugin ABI {}.{}, this host offers {}.{}",
                                    plugin->abi_min >> 16, plugin->abi_min & 0xffff,
                                    UNITY_ABI_LATEST >> 16, UNITY_ABI_LATEST & 0xffff));
  }
  if (std::string_view(plugin->manifest.ptr, plugin->manifest.len) != file.manifest_text) {
    return refuse(file, "the manifest in its table differs from the one in its ELF note");
  }
  if (plugin->n_collectors != file.manifest.collectors.size() || plugin->collectors == nullptr) {
    return refuse(file, fmt::format("it offers {} collectors, its manifest {}",
                                    plugin->n_collectors, file.manifest.collectors.size()));
  }
  return plugin;
}

}  // namespace

Result<std::shared_ptr<const PluginLibrary>> PluginLibrary::load(const PluginFile& file) {
  static std::mutex mutex;
  static auto& loaded = *new std::map<Sha256, std::shared_ptr<const PluginLibrary>>;
  const std::lock_guard lock(mutex);
  if (const auto found = loaded.find(file.hash); found != loaded.end()) return found->second;

  const auto fd = seal(file);
  if (!fd) return fd.error();
  const auto entry = link(file, *fd);
  if (!entry) return entry.error();
  const auto plugin = call_entry(file, *entry);
  if (!plugin) return plugin.error();

  std::shared_ptr<PluginLibrary> library(new PluginLibrary);
  library->manifest_ = std::make_shared<const Manifest>(file.manifest);
  for (std::uint32_t i = 0; i < (*plugin)->n_collectors; ++i) {
    const auto table = check_collector(file, (*plugin)->collectors[i]);
    if (!table) return table.error();
    std::string name(table->name.ptr, table->name.len);
    if (!library->collectors_.emplace(std::move(name), *table).second) {
      return refuse(file, "it offers the same collector twice");
    }
  }
  loaded.emplace(file.hash, library);
  return std::shared_ptr<const PluginLibrary>(library);
}

const unity_collector* PluginLibrary::find(const std::string& name) const {
  const auto found = collectors_.find(name);
  return found != collectors_.end() ? &found->second : nullptr;
}

}  // namespace unity::host
