// C18, C19: the tables, byte by byte before anything in them is believed.
#include <algorithm>
#include <cstring>
#include <set>

#include "check/entry/library.hpp"
#include "check/entry/rules.hpp"
#include "check/hostile/memory.hpp"
#include "plugin/elf_note.hpp"

namespace unity::check {
namespace {

constexpr std::uint32_t kTableMax = std::uint32_t{64} << 10;
constexpr std::uint32_t kCollectorsMax = 1000;
constexpr std::uint32_t kKnownFlags = UNITY_COLLECTOR_POLLED | UNITY_COLLECTOR_STREAMING;

// Looks at the tables of one plugin and keeps what it may believe of them.
class Tables {
 public:
  Tables(const Library& library, Findings& findings)
      : library_(library), findings_(findings), map_(memory_map()) {}

  // The fields that both sides know, or nothing after a finding.
  template <class Table>
  std::optional<Table> read(const Table* at, const std::string& what) {
    std::string head;
    if (at == nullptr || !copy_if_readable(at, sizeof(std::uint32_t), head)) {
      findings_.fail("{} is at {}, where nothing can be read", what, static_cast<const void*>(at));
      return std::nullopt;
    }
    std::uint32_t size = 0;
    std::memcpy(&size, head.data(), sizeof size);
    if (size < sizeof(Table) || size > kTableMax || size % 8 != 0) {
      findings_.fail(
          "{} says that it has {} bytes; it needs at least {}, a multiple of 8, at most "
          "{}",
          what, size, sizeof(Table), kTableMax);
      return std::nullopt;
    }
    std::string whole;
    if (!copy_if_readable(at, size, whole)) {
      findings_.fail("{} cannot be read whole", what);
      return std::nullopt;
    }
    expect_constant(at, what);
    Table table;
    std::memcpy(&table, whole.data(), sizeof table);
    return table;
  }

  void expect_constant(const void* at, const std::string& what) {
    if (!library_.extent.holds(at)) {
      findings_.fail("{} lies outside of the plugin, and may end before the process does", what);
    } else if (const auto* piece = piece_at(at); piece == nullptr || piece->writable) {
      findings_.fail("{} lies in memory that can be written: make it const", what);
    }
  }
  void expect_code(const void* at, const std::string& what) {
    if (at == nullptr) return;
    const auto* piece = piece_at(at);
    if (!library_.extent.holds(at) || piece == nullptr || !piece->executable) {
      findings_.fail("{} does not lead into the plugin's code", what);
    }
  }
  void expect_text(unity_str text, const std::string& what) {
    std::string copy;
    if (text.len > kTableMax * 16 ||
        (text.len != 0 && !copy_if_readable(text.ptr, text.len, copy))) {
      findings_.fail("{} has {} bytes, of which not all can be read", what, text.len);
    } else if (text.len != 0) {
      expect_constant(text.ptr, what);
    }
  }

 private:
  const Mapping* piece_at(const void* at) const {
    const auto address = reinterpret_cast<std::uintptr_t>(at);
    const auto found = std::find_if(map_.begin(), map_.end(), [&](const auto& piece) {
      return address >= piece.begin && address < piece.end;
    });
    return found != map_.end() ? &*found : nullptr;
  }

  const Library& library_;
  Findings& findings_;
  std::vector<Mapping> map_;
};

void check_collector(Tables& tables, const unity_collector* at, const std::string& what,
                     Findings& findings) {
  const auto table = tables.read(at, what);
  if (!table) return;
  if ((table->flags & ~kKnownFlags) != 0) {
    findings.fail("{} has flags that ABI 1.0 does not know: {:#x}", what, table->flags);
  }
  tables.expect_text(table->name, "the name of " + what);
  const auto code = [&](auto* function, const char* name) {
    tables.expect_code(reinterpret_cast<const void*>(function),
                       fmt::format("{} of {}", name, what));
  };
  code(table->create, "create");
  code(table->destroy, "destroy");
  code(table->collect, "collect");
  code(table->stream, "stream");
  code(table->interrupt, "interrupt");
  code(table->reconfigure, "reconfigure");
  code(table->probe, "probe");
}

std::string abi_text(std::uint32_t abi) { return fmt::format("{}.{}", abi >> 16, abi & 0xffff); }

void check_functions(const unity_collector& table, const CollectorSpec& spec,
                     const json::Value& collector, Findings& findings) {
  const bool polled = (table.flags & UNITY_COLLECTOR_POLLED) != 0;
  const bool streaming = (table.flags & UNITY_COLLECTOR_STREAMING) != 0;
  const auto missing = [&](const char* function, const char* why) {
    findings.fail("collector \"{}\" has no {}(), which {}", spec.name, function, why);
  };
  if (table.create == nullptr) missing("create", "every collector needs");
  if (table.destroy == nullptr) missing("destroy", "every collector needs");
  if (polled && table.collect == nullptr) missing("collect", "a polled one needs");
  if (streaming && table.stream == nullptr) missing("stream", "a streaming one needs");
  if (polled == streaming) {
    findings.fail("collector \"{}\" must be either polled or streaming", spec.name);
  }
  const auto* mode = collector.find("mode");
  const bool says_streaming = mode != nullptr && *mode == "streaming";
  if (says_streaming != streaming) {
    findings.fail("collector \"{}\" is {} in its manifest and {} in its table", spec.name,
                  says_streaming ? "streaming" : "polled", streaming ? "streaming" : "polled");
  }
}

}  // namespace

void check_tables(const Context& context, Findings& findings) {
  const auto library = Library::load(context, findings);
  if (!library) return;
  const auto* at = call_entry(*library, context, findings);
  if (at == nullptr) return;
  Tables tables(*library, findings);
  const auto plugin = tables.read(at, "unity_plugin");
  if (!plugin) return;
  tables.expect_text(plugin->manifest, "the manifest");
  if (plugin->n_collectors == 0 || plugin->n_collectors > kCollectorsMax) {
    return findings.fail("it offers {} collectors", plugin->n_collectors);
  }
  std::string list;
  const auto size = plugin->n_collectors * sizeof(const unity_collector*);
  if (plugin->collectors == nullptr || !copy_if_readable(plugin->collectors, size, list)) {
    return findings.fail("its list of {} collectors cannot be read", plugin->n_collectors);
  }
  tables.expect_constant(plugin->collectors, "the list of collectors");
  for (std::uint32_t i = 0; i < plugin->n_collectors; ++i) {
    const unity_collector* collector = nullptr;
    std::memcpy(&collector, list.data() + i * sizeof collector, sizeof collector);
    check_collector(tables, collector, fmt::format("unity_collector {}", i), findings);
  }
}

void check_tables_manifest(const Context& context, Findings& findings) {
  const auto text = host::read_manifest_note(context.image);
  const auto manifest = text ? parse_manifest(*text) : Result<Manifest>(text.error());
  if (!manifest) return findings.skip("its manifest cannot be used: see B11 to B14");
  const auto library = Library::load(context, findings);
  if (!library) return;
  const auto* plugin = call_entry(*library, context, findings);
  if (plugin == nullptr) return;
  if (std::string_view(plugin->manifest.ptr, plugin->manifest.len) != *text) {
    findings.fail("the manifest in its table is not that of its ELF note");
  }
  const auto declared = manifest->abi_min_major * 65536 + manifest->abi_min_minor;
  if (plugin->abi_min != declared) {
    findings.fail("its table needs ABI {}, its manifest {}", abi_text(plugin->abi_min),
                  abi_text(declared));
  }
  if (plugin->abi_target < plugin->abi_min || plugin->abi_target >> 16 != 1) {
    findings.fail("it was compiled for ABI {} and needs {}", abi_text(plugin->abi_target),
                  abi_text(plugin->abi_min));
  }
  std::set<std::string> offered;
  for (std::uint32_t i = 0; i < plugin->n_collectors; ++i) {
    const auto& table = *plugin->collectors[i];
    const std::string name(table.name.ptr, table.name.len);
    if (!offered.insert(name).second) findings.fail("it offers collector \"{}\" twice", name);
    const auto* spec = manifest->find_collector(name);
    if (spec == nullptr) {
      findings.fail("it offers collector \"{}\", which its manifest does not have", name);
      continue;
    }
    const auto index = static_cast<std::size_t>(spec - manifest->collectors.data());
    check_functions(table, *spec, (*manifest->document.find("collectors")->array())[index],
                    findings);
  }
  for (const auto& spec : manifest->collectors) {
    if (!offered.contains(spec.name)) {
      findings.fail("its manifest has collector \"{}\", which it does not offer", spec.name);
    }
  }
}

}  // namespace unity::check
