// How full the mounted file systems are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "disk/mounts.hpp"
#include "support/root.hpp"
#include "unity/plugin.hpp"

namespace unity::plugins::disk {

class Filesystems {
 public:
  Filesystems(const Root& root, MountRules rules);

  // Appends the records of all picked mounts. Throws ReadError, or Failure when cancelled.
  void collect(const sdk::Call& call, sdk::Records& records);

 private:
  // A picked mount, with its tags as JSON allows them and its path under the root.
  struct Target {
    std::string source;
    std::string point;
    std::string type;
    std::string path;
  };

  void refresh(const Text& mounts);
  static void measure(const Target& target, sdk::Records& records);

  Root root_;
  MountRules rules_;
  KeptFile mounts_;
  std::string mounts_text_;  // that `targets_` was made from; mounts change seldom
  std::vector<Target> targets_;
};

}  // namespace unity::plugins::disk
