// A plugin loaded into this process: its code and its tables, checked. Never unloaded, because
// threads, statics and callbacks of the plugin may outlive any moment we could choose.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "plugin/plugin_file.hpp"
#include "unity/plugin.h"

namespace unity::host {

class PluginLibrary {
 public:
  // Loads exactly the bytes that were checked (from a sealed copy in memory), calls the entry
  // and checks what it returns against the manifest. The same image is loaded only once.
  static Result<std::shared_ptr<const PluginLibrary>> load(const PluginFile& file);

  // The table of a collector type, or null.
  const unity_collector* find(const std::string& name) const;
  const Manifest& manifest() const { return *manifest_; }
  std::shared_ptr<const Manifest> shared_manifest() const { return manifest_; }

 private:
  PluginLibrary() = default;

  std::shared_ptr<const Manifest> manifest_;
  std::map<std::string, unity_collector> collectors_;
};

}  // namespace unity::host
