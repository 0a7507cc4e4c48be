// The plugin loaded into this process, by the checker's own hand.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "check/context.hpp"
#include "unity/core/model/manifest.hpp"
#include "unity/plugin.h"

namespace unity::check {

using Entry = const unity_plugin*(const unity_entry_args*);

// A piece of this process's memory as /proc/self/maps has it.
struct Mapping {
  std::uintptr_t begin = 0, end = 0;
  bool writable = false;
  bool executable = false;
};
std::vector<Mapping> memory_map();

// The addresses that the plugin's file is mapped to.
struct Extent {
  std::uintptr_t begin = 0, end = 0;
  bool holds(const void* at) const {
    const auto address = reinterpret_cast<std::uintptr_t>(at);
    return address >= begin && address < end;
  }
};

struct Library {
  Entry* entry = nullptr;
  Extent extent;

  // Sets up the crash handler, then dlopen() and dlsym(). Null after a finding.
  static std::optional<Library> load(const Context& context, Findings& findings);
};

// Calls the entry as a host of this minor does; exceptions are findings. Null after a finding.
const unity_plugin* call_entry(const Library& library, const Context& context, Findings& findings);

// One collector as table and as manifest.
struct Collector {
  unity_collector table{};  // what both sides know, the rest zero
  const CollectorSpec* spec = nullptr;
  std::string name;

  bool streaming() const { return (table.flags & UNITY_COLLECTOR_STREAMING) != 0; }
};

// A plugin whose tables hold what C18 and C19 ask for: what groups D to F work with.
struct Plugin {
  Library library;
  Manifest manifest;
  std::vector<Collector> collectors;

  // Empty after a finding. What it points to lives as long as the process.
  static const Plugin* open(const Context& context, Findings& findings);
};

}  // namespace unity::check
