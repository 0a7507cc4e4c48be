// What a plugin may touch outside of itself: its manifest declares it, the operator narrows or
// widens it, and a worker is confined to it. Nothing is allowed that is not written here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/json/value.hpp"

namespace unity {

// A file, or a folder with everything below it.
struct FilePermission {
  // Full and normal, without a slash at its end; may begin with the name of one of the collector's
  // options in braces, "{root}/proc", until resolve_options() has put its value there.
  std::string path;
  bool read = false;     // files, and the names in folders
  bool write = false;    // contents too: create, rename and remove
  bool execute = false;  // as programs, which takes `spawn` as well

  friend bool operator==(const FilePermission&, const FilePermission&) = default;
};

// Ports of TCP: any, or those that are listed.
struct PortPermission {
  bool any = false;
  std::vector<std::uint16_t> ports;  // sorted, unique; none beside `any`

  bool none() const { return !any && ports.empty(); }
  friend bool operator==(const PortPermission&, const PortPermission&) = default;
};

struct NetworkPermission {
  PortPermission connect;  // TCP, to any host: the kernel cannot tell hosts apart
  PortPermission listen;   // TCP, on any address of this machine
  bool udp = false;        // sends and receives, any port
  bool unix_sockets = false;
  bool netlink = false;

  bool none() const { return *this == NetworkPermission{}; }
  friend bool operator==(const NetworkPermission&, const NetworkPermission&) = default;
};

struct Permissions {
  std::vector<FilePermission> files;  // sorted by path, each once
  NetworkPermission network;
  bool spawn = false;       // may start processes
  bool secrets = false;     // may ask for the secrets that its configuration names
  std::uint64_t state = 0;  // bytes that the host keeps for each instance

  friend bool operator==(const Permissions&, const Permissions&) = default;
};

// What was written: only the lists that are named. A manifest's own are changes of nothing.
struct PermissionChanges {
  std::optional<std::vector<FilePermission>> files;
  std::optional<NetworkPermission> network;
  std::optional<bool> spawn;
  std::optional<bool> secrets;
  std::optional<std::uint64_t> state;

  bool empty() const { return *this == PermissionChanges{}; }
  friend bool operator==(const PermissionChanges&, const PermissionChanges&) = default;
};

struct PermissionProblem {
  std::string pointer;  // JSON pointer into the object: "/files/2"
  bool at_key = false;  // it is the name of the member that is wrong, not its value
  std::string message;

  friend bool operator==(const PermissionProblem&, const PermissionProblem&) = default;
};

// Reads {"files": ["/proc:r"], "network": ["tcp:*:5432"], "spawn": false, "secrets": ["config"],
// "state": "1MiB"} (docs/permissions.md) and adds everything that is wrong to `problems`.
PermissionChanges read_permissions(const json::Value& value,
                                   std::vector<PermissionProblem>& problems);

// A list that is named replaces the declared one: to narrow it, or to grant more.
Permissions change_permissions(Permissions declared, const PermissionChanges& changes);

// What either of them may: for a process that runs both. Of `state`, the larger.
Permissions unite_permissions(const Permissions& one, const Permissions& other);

// Puts the values of options into the paths. An option that is not set, null or empty grants
// nothing, a list of texts grants each. A value that is no full path becomes a problem, at the
// pointer of the option.
Permissions resolve_options(Permissions permissions, const json::Value& options,
                            std::vector<PermissionProblem>& problems);

// "read /proc, /sys/block; connect to TCP port 5432; keep 1MiB", or "nothing".
std::string to_text(const Permissions& permissions);
// In the form that read_permissions() reads; what is not allowed is left out.
json::Value to_json(const Permissions& permissions);

// The entries of the lists, as they are written: "/proc:r", "tcp:*:5432".
std::string to_text(const FilePermission& file);
std::vector<std::string> to_texts(const NetworkPermission& network);

}  // namespace unity
