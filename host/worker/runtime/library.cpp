#include "worker/runtime/library.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <cstring>
#include <deque>

#include "host_version.hpp"
#include "worker/runtime/first_size.hpp"

namespace unity::host {
namespace {

using Entry = const unity_plugin*(const unity_entry_args*);
constexpr const char* kEntry = "unity_plugin_entry_v1";

std::string number(std::uint64_t value) { return std::to_string(value); }

std::string abi_text(std::uint32_t abi) { return number(abi >> 16) + "." + number(abi & 0xffff); }

std::string hex(std::uint32_t value) {
  std::string text;
  do {
    text.insert(text.begin(), "0123456789abcdef"[value & 0xf]);
  } while ((value >>= 4) != 0);
  return "0x" + text;
}

// Loads one file; each check says what is wrong with it.
class Loader {
 public:
  explicit Loader(const PluginIdentity& identity) : identity_(identity) {}

  Result<Entry*> link(int fd) const {
    using boost::dll::load_mode::rtld_local;
    using boost::dll::load_mode::rtld_now;
    std::error_code error;
    static auto& libraries = *new std::deque<boost::dll::shared_library>;  // for ever
    auto& library = libraries.emplace_back();
    library.load("/proc/self/fd/" + std::to_string(fd), error, rtld_now | rtld_local);
    if (error) {
      const char* why = ::dlerror();
      return refuse(why != nullptr ? why : error.message());
    }
    if (!library.has(kEntry)) return refuse(std::string("it does not export ") + kEntry);
    return &library.get<Entry>(kEntry);
  }

  Result<const unity_plugin*> call(Entry* entry) const {
    unity_entry_args args{};
    args.struct_size = sizeof args;
    args.abi = UNITY_ABI_LATEST;
    args.host_name = {"unity", 5};
    args.host_version = {kHostVersion.data(), kHostVersion.size()};
    const auto returned = guarded(entry, args);
    if (!returned) return returned;
    const auto* plugin = *returned;
    if (plugin->struct_size < kFirstSize<unity_plugin>) {
      return refuse("its table has " + number(plugin->struct_size) + " bytes, ABI 1.0 has " +
                    number(kFirstSize<unity_plugin>));
    }
    if (plugin->abi_min > UNITY_ABI_LATEST) {
      return refuse("it needs plugin ABI " + abi_text(plugin->abi_min) + ", this host offers " +
                    abi_text(UNITY_ABI_LATEST));
    }
    if (std::string_view(plugin->manifest.ptr, plugin->manifest.len) != identity_.manifest) {
      return refuse("the manifest in its table differs from the one in its ELF note");
    }
    if (plugin->n_collectors != identity_.collectors.size() || plugin->collectors == nullptr) {
      return refuse("it offers " + number(plugin->n_collectors) + " collectors, its manifest " +
                    number(identity_.collectors.size()));
    }
    return plugin;
  }

  Result<unity_collector> check(const unity_collector* theirs) const {
    if (theirs == nullptr) return refuse("its list of collectors holds a null pointer");
    if (theirs->struct_size < kFirstSize<unity_collector>) {
      return refuse("a collector table has " + number(theirs->struct_size) +
                    " bytes, ABI 1.0 has " + number(kFirstSize<unity_collector>));
    }
    // Table rule of the ABI: what both sides know is copied, the rest is zero or ignored.
    unity_collector table{};
    std::memcpy(&table, theirs, std::min<std::size_t>(theirs->struct_size, sizeof table));
    const std::string name(table.name.ptr, table.name.len);
    const auto& known = identity_.collectors;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return refuse("collector \"" + name + "\" is not in its manifest");
    }
    constexpr std::uint32_t known_flags = UNITY_COLLECTOR_POLLED | UNITY_COLLECTOR_STREAMING;
    if ((table.flags & ~known_flags) != 0 || (table.flags & known_flags) == 0) {
      return refuse("collector \"" + name + "\" has flags " + hex(table.flags));
    }
    const bool polled = (table.flags & UNITY_COLLECTOR_POLLED) != 0;
    const bool streams = (table.flags & UNITY_COLLECTOR_STREAMING) != 0;
    if (table.create == nullptr || table.destroy == nullptr ||
        (polled && table.collect == nullptr) || (streams && table.stream == nullptr)) {
      return refuse("collector \"" + name + "\" lacks a function that its mode needs");
    }
    return table;
  }

  Error refuse(std::string why) const {
    return {Errc::invalid, "cannot load plugin " + identity_.path + ": " + why};
  }

 private:
  // A plugin must not throw through the ABI; one that does all the same is told so.
  Result<const unity_plugin*> guarded(Entry* entry, const unity_entry_args& args) const {
    try {
      if (const auto* plugin = entry(&args)) return plugin;
      return refuse("its entry refused this host");
    } catch (const std::exception& exception) {
      return refuse(std::string("its entry threw an exception: ") + exception.what());
    } catch (...) {
      return refuse("its entry threw an exception");
    }
  }

  const PluginIdentity& identity_;
};

}  // namespace

Result<std::shared_ptr<const Library>> Library::load(int fd, PluginIdentity identity) {
  std::shared_ptr<Library> library(new Library);
  library->identity_ = std::move(identity);
  const Loader loader(library->identity_);
  const auto entry = loader.link(fd);
  if (!entry) return entry.error();
  const auto plugin = loader.call(*entry);
  if (!plugin) return plugin.error();
  for (std::uint32_t i = 0; i < (*plugin)->n_collectors; ++i) {
    const auto table = loader.check((*plugin)->collectors[i]);
    if (!table) return table.error();
    std::string name(table->name.ptr, table->name.len);
    if (!library->collectors_.emplace(std::move(name), *table).second) {
      return loader.refuse("it offers the same collector twice");
    }
  }
  return std::shared_ptr<const Library>(library);
}

const unity_collector* Library::find(std::string_view name) const {
  const auto found = collectors_.find(name);
  return found != collectors_.end() ? &found->second : nullptr;
}

}  // namespace unity::host
