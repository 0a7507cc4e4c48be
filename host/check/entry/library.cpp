#include "check/entry/library.hpp"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "check/process/crash_handler.hpp"
#include "plugin/elf_note.hpp"

namespace unity::check {
namespace {

Extent extent_of(const void* inside) {
  struct Search {
    const void* inside;
    Extent found;
  } search{inside, {}};
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* data) {
        auto& wanted = *static_cast<Search*>(data);
        Extent extent{UINTPTR_MAX, 0};
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const auto& segment = info->dlpi_phdr[i];
          if (segment.p_type != PT_LOAD) continue;
          extent.begin = std::min<std::uintptr_t>(extent.begin, info->dlpi_addr + segment.p_vaddr);
          extent.end = std::max<std::uintptr_t>(
              extent.end, info->dlpi_addr + segment.p_vaddr + segment.p_memsz);
        }
        if (!extent.holds(wanted.inside)) return 0;
        wanted.found = extent;
        return 1;
      },
      &search);
  return search.found;
}

}  // namespace

std::vector<Mapping> memory_map() {
  std::vector<Mapping> found;
  std::ifstream in("/proc/self/maps");
  for (std::string line; std::getline(in, line);) {
    unsigned long begin = 0, end = 0;
    char permissions[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, permissions) != 3) continue;
    found.push_back({begin, end, permissions[1] == 'w', permissions[2] == 'x'});
  }
  return found;
}

std::optional<Library> Library::load(const Context& context, Findings& findings) {
  install_crash_handler(context.page);
  context.page->set_phase("dlopen()");
  void* handle = ::dlopen(context.path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) {
    findings.fail("dlopen: {}", ::dlerror());
    return std::nullopt;
  }
  Library library;
  library.entry = reinterpret_cast<Entry*>(::dlsym(handle, "unity_plugin_entry_v1"));
  if (library.entry == nullptr) {
    findings.fail("it does not export unity_plugin_entry_v1");
    return std::nullopt;
  }
  library.extent = extent_of(reinterpret_cast<const void*>(library.entry));
  set_plugin_code(reinterpret_cast<const void*>(library.extent.begin),
                  reinterpret_cast<const void*>(library.extent.end));
  context.page->set_phase("");
  return library;
}

const unity_plugin* call_entry(const Library& library, const Context& context, Findings& findings) {
  context.page->set_phase("unity_plugin_entry_v1()");
  unity_entry_args args{};
  args.struct_size = sizeof args;
  args.abi = UNITY_ABI_LATEST;
  args.host_name = {"unity-check", 11};
  args.host_version = {"1", 1};
  const unity_plugin* plugin = nullptr;
  try {
    plugin = library.entry(&args);
    if (plugin == nullptr) findings.fail("its entry returns NULL: it refuses a host of ABI 1.0");
  } catch (...) {
    findings.fail("its entry throws an exception");
  }
  context.page->set_phase("");
  return plugin;
}

const Plugin* Plugin::open(const Context& context, Findings& findings) {
  const auto text = host::read_manifest_note(context.image);
  auto manifest = text ? parse_manifest(*text) : Result<Manifest>(text.error());
  if (!manifest) {
    findings.skip("its manifest cannot be used: see B11 to B14");
    return nullptr;
  }
  auto library = Library::load(context, findings);
  if (!library) return nullptr;
  const auto* table = call_entry(*library, context, findings);
  if (table == nullptr) return nullptr;
  auto& plugin = *new Plugin{*library, std::move(*manifest), {}};  // for ever, as its code
  for (std::uint32_t i = 0; i < table->n_collectors; ++i) {
    const auto* theirs = table->collectors[i];
    Collector collector;
    std::memcpy(&collector.table, theirs,
                std::min<std::size_t>(theirs->struct_size, sizeof collector.table));
    collector.name.assign(theirs->name.ptr, theirs->name.len);
    collector.spec = plugin.manifest.find_collector(collector.name);
    if (collector.spec != nullptr) plugin.collectors.push_back(std::move(collector));
  }
  return &plugin;
}

}  // namespace unity::check
