// Takes from this process what its plugins do not need, for ever: called in a worker between its
// start and the first byte of a plugin. Needs libc only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace unity::worker {

// A file, or a folder with everything below it.
struct PathRule {
  std::string path;  // full
  bool read = false;
  bool write = false;
  bool execute = false;
};

struct PortRule {
  bool any = false;
  std::vector<std::uint16_t> ports;
};

// Zero: not limited.
struct ResourceLimits {
  std::uint64_t memory = 0;  // bytes
  std::uint64_t files = 0;   // open at once
  std::uint64_t cpu_seconds = 0;
  std::uint64_t processes = 0;  // and threads
};

struct Confinement {
  std::vector<PathRule> paths;  // what everything needs (libraries, time zones) is readable anyway
  PortRule connect;             // TCP
  PortRule listen;
  bool looks_up_names = false;    // may read what the lookup of hosts and TLS need
  bool abstract_sockets = false;  // may reach Unix sockets without a path outside of this process
  bool spawn = false;
  std::vector<std::byte> system_calls;  // a program of struct sock_filter; empty: no filter
  ResourceLimits limits;
};

// What of it the kernel has taken on.
struct Enforced {
  int landlock = 0;  // the version of its ABI; 0: none
  bool files = false;
  bool ports = false;
  bool signals = false;  // none can be sent to other processes
  bool system_calls = false;
  bool privileges = false;  // none are left, and none can be gained
  bool memory = false;      // by a limit of this process
  bool processes = false;
  std::vector<std::string> gaps;  // what is not enforced and why, a sentence each
};

// Never fails: what cannot be done is among the gaps. The process must have one thread. Afterwards
// its folder is "/", its umask 077, it leaves no core dump, and what is denied is noted in
// Denials::of_process(). Descriptors stay as they are; one more, which opens nothing, is kept for
// each rule below /proc.
Enforced confine_self(const Confinement& confinement);

}  // namespace unity::worker
