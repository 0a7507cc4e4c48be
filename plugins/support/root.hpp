// Where /proc and /sys are: under "/", or under another folder for a container that watches its
// host, and for tests.
#pragma once

#include <string>
#include <string_view>

#include "support/kept_file.hpp"

namespace unity::plugins {

class Root {
 public:
  // Throws a configuration Failure if there is no `proc` under `root`. `plugin_id` is the first
  // part of its code.
  Root(std::string_view root, std::string_view plugin_id);

  // `path` starts with a slash.
  std::string path(std::string_view path) const { return prefix_ + std::string(path); }
  KeptFile file(std::string_view name) const { return KeptFile(path(name)); }

  // Names a file that differs between namespaces, "net/dev" or "mounts". Under "/" it is that of
  // this process. Elsewhere it is that of process 1, because the machine behind the root is
  // meant, if we may read it.
  std::string namespaced(std::string_view file) const;

 private:
  std::string prefix_;  // empty for "/"
};

}  // namespace unity::plugins
