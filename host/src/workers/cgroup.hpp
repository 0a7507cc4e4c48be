// Limits of a whole worker, with all that it starts, by control groups (version 2): where the host
// was given a part of that tree to divide, as systemd does with `Delegate=yes`.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "unity/core/base/result.hpp"

namespace unity::host {

// Zero: not limited.
struct CgroupLimits {
  std::uint64_t memory = 0;     // bytes, swap included
  std::uint64_t processes = 0;  // and threads
  double processors = 0;        // so many may be kept busy
};

// One group for one worker. Ends with it: what still runs in it is killed.
class Cgroup {
 public:
  explicit Cgroup(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Cgroup(Cgroup&& other) noexcept : folder_(std::exchange(other.folder_, {})) {}
  Cgroup& operator=(Cgroup&& other) noexcept {
    std::swap(folder_, other.folder_);
    return *this;
  }
  ~Cgroup() { remove(); }

  // Puts a process in; what it starts from then on is in as well.
  Result<void> add(pid_t process);
  // How often the kernel has killed in it for want of memory.
  std::uint64_t memory_kills() const;
  // Kills what runs in it and takes it away. False while the kernel still has a process in it: call
  // it again once that was waited for.
  bool remove();

 private:
  std::filesystem::path folder_;  // empty: gone
};

// Where the host is in the tree.
struct CgroupPlace {
  std::filesystem::path folder;  // of the host's own group; empty: there is no version 2
  bool delegated = false;        // the host may divide it

  static CgroupPlace of_this_process();
};

// `text`: of /proc/self/cgroup. Empty if the process is in no group of version 2.
std::string own_cgroup(std::string_view text);

class Cgroups {
 public:
  // Takes the place over if it is delegated: moves this process into a group of its own below it,
  // as one that is divided may hold no process, and removes what an earlier host has left.
  static Cgroups take_over(const CgroupPlace& place);

  bool memory() const { return memory_; }
  bool processes() const { return processes_; }
  bool processors() const { return processors_; }
  bool any() const { return memory_ || processes_ || processors_; }
  // What control groups do not limit and why, in one sentence; empty if they limit everything.
  const std::string& gap() const { return gap_; }

  // `number` tells the groups of one host apart.
  Result<Cgroup> make(std::uint64_t number, const CgroupLimits& limits) const;

 private:
  void enable_controllers();

  std::filesystem::path folder_;
  bool memory_ = false;
  bool processes_ = false;
  bool processors_ = false;
  std::string gap_;
};

}  // namespace unity::host
