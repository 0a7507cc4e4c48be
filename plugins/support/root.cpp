#include "support/root.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "unity/plugin.hpp"

namespace unity::plugins {

Root::Root(std::string_view root, std::string_view plugin_id) : prefix_(root) {
  while (!prefix_.empty() && prefix_.back() == '/') prefix_.pop_back();
  struct stat status {};
  const auto proc = path("/proc");
  if (::stat(proc.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    throw sdk::Failure(UNITY_E_CONFIG, std::string(plugin_id) + ".no_proc",
                       "there is no folder " + proc +
                           ": mount the proc file system there or correct the option 'root'");
  }
}

std::string Root::namespaced(std::string_view file) const {
  const auto in = [&](std::string_view process) {
    return path("/proc/" + std::string(process) + std::string(file));
  };
  if (!prefix_.empty()) {
    auto first = in("1/");
    if (::access(first.c_str(), R_OK) == 0) return first;
  }
  auto own = in("self/");
  return ::access(own.c_str(), R_OK) == 0 ? own : in("");
}

}  // namespace unity::plugins
