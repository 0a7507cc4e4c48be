// A plugin loaded into this process: its code and its tables, checked. Never unloaded, because
// threads, statics and callbacks of the plugin may outlive any moment we could choose.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/plugin.h"

namespace unity::host {

// What the host knows of a plugin's file before any of its code runs.
struct PluginIdentity {
  std::string path;      // for people
  std::string manifest;  // the text of its ELF note
  std::vector<std::string> collectors;
  std::vector<std::string> datasets;  // the n-th has the number n + 1 in the ABI
};

class Library {
 public:
  // Loads the sealed image behind `fd`, calls the entry and checks what it returns. `fd` must stay
  // open for as long as the process lives: were its number used again, the dynamic linker would
  // take the next plugin for this one. One thread at a time.
  static Result<std::shared_ptr<const Library>> load(int fd, PluginIdentity identity);

  // The table of a collector type, or null.
  const unity_collector* find(std::string_view name) const;
  const PluginIdentity& identity() const { return identity_; }

 private:
  Library() = default;

  PluginIdentity identity_;
  std::map<std::string, unity_collector, std::less<>> collectors_;
};

}  // namespace unity::host
