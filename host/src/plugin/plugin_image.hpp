// The bytes of a plugin's file that were checked, as a sealed copy in memory: what any process
// loads is this and nothing else.
#pragma once

#include <memory>

#include "plugin/plugin_file.hpp"
#include "worker/base/file_descriptor.hpp"
#include "worker/runtime/library.hpp"

namespace unity::host {

struct PluginImage {
  FileDescriptor memory;
  Sha256 hash{};
  PluginIdentity identity;
  std::shared_ptr<const Manifest> manifest;
  bool bundled = false;  // one of those that came with this host

  // One image for all that use the same file, for as long as somebody does. Any thread.
  static Result<std::shared_ptr<const PluginImage>> seal(const PluginFile& file);
};

}  // namespace unity::host
