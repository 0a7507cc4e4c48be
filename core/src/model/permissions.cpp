#include "unity/core/model/permissions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "unity/core/base/size.hpp"

namespace unity {
namespace {

void unite(std::vector<FilePermission>& files, const std::vector<FilePermission>& others) {
  for (const auto& other : others) {
    const auto at = std::lower_bound(
        files.begin(), files.end(), other.path,
        [](const FilePermission& file, const std::string& path) { return file.path < path; });
    if (at == files.end() || at->path != other.path) {
      files.insert(at, other);
      continue;
    }
    at->read |= other.read;
    at->write |= other.write;
    at->execute |= other.execute;
  }
}

void unite(PortPermission& ports, const PortPermission& other) {
  std::vector<std::uint16_t> all;
  std::set_union(ports.ports.begin(), ports.ports.end(), other.ports.begin(), other.ports.end(),
                 std::back_inserter(all));
  ports.any |= other.any;
  ports.ports = ports.any ? std::vector<std::uint16_t>() : std::move(all);
}

void append_ports(std::vector<std::string>& texts, std::string_view before,
                  const PortPermission& ports) {
  if (ports.any) texts.push_back(fmt::format("{}*", before));
  for (const auto port : ports.ports) texts.push_back(fmt::format("{}{}", before, port));
}

std::string ports_text(const PortPermission& ports) {
  if (ports.any) return "any TCP port";
  return fmt::format("TCP port{} {}", ports.ports.size() == 1 ? "" : "s",
                     fmt::join(ports.ports, ", "));
}

// "read /proc, /sys", for those that have the right; nothing if none has.
void append_paths(std::vector<std::string>& parts, std::string_view verb,
                  const std::vector<FilePermission>& files, bool FilePermission::*right) {
  std::string paths;
  for (const auto& file : files) {
    if (file.*right) paths += (paths.empty() ? " " : ", ") + file.path;
  }
  if (!paths.empty()) parts.push_back(std::string(verb) + paths);
}

}  // namespace

Permissions change_permissions(Permissions declared, const PermissionChanges& changes) {
  if (changes.files) declared.files = *changes.files;
  if (changes.network) declared.network = *changes.network;
  if (changes.spawn) declared.spawn = *changes.spawn;
  if (changes.secrets) declared.secrets = *changes.secrets;
  if (changes.state) declared.state = *changes.state;
  return declared;
}

Permissions unite_permissions(const Permissions& one, const Permissions& other) {
  Permissions both = one;
  unite(both.files, other.files);
  unite(both.network.connect, other.network.connect);
  unite(both.network.listen, other.network.listen);
  both.network.udp |= other.network.udp;
  both.network.unix_sockets |= other.network.unix_sockets;
  both.network.netlink |= other.network.netlink;
  both.spawn |= other.spawn;
  both.secrets |= other.secrets;
  both.state = std::max(one.state, other.state);
  return both;
}

std::string to_text(const FilePermission& file) {
  return fmt::format("{}:{}{}{}", file.path, file.read ? "r" : "", file.write ? "w" : "",
                     file.execute ? "x" : "");
}

std::vector<std::string> to_texts(const NetworkPermission& network) {
  std::vector<std::string> texts;
  append_ports(texts, "tcp:*:", network.connect);
  append_ports(texts, "listen:tcp:", network.listen);
  if (network.udp) texts.emplace_back("udp");
  if (network.unix_sockets) texts.emplace_back("unix");
  if (network.netlink) texts.emplace_back("netlink");
  return texts;
}

std::string to_text(const Permissions& permissions) {
  std::vector<std::string> parts;
  append_paths(parts, "read", permissions.files, &FilePermission::read);
  append_paths(parts, "write", permissions.files, &FilePermission::write);
  append_paths(parts, "run", permissions.files, &FilePermission::execute);
  const auto& network = permissions.network;
  if (!network.connect.none()) parts.push_back("connect to " + ports_text(network.connect));
  if (!network.listen.none()) parts.push_back("listen on " + ports_text(network.listen));
  if (network.udp) parts.emplace_back("use UDP");
  if (network.unix_sockets) parts.emplace_back("use Unix sockets");
  if (network.netlink) parts.emplace_back("use netlink");
  if (permissions.spawn) parts.emplace_back("start processes");
  if (permissions.secrets) parts.emplace_back("get the secrets of its configuration");
  if (permissions.state > 0) {
    parts.push_back(fmt::format("keep {} of state", size_text(permissions.state)));
  }
  return parts.empty() ? "nothing" : fmt::format("{}", fmt::join(parts, "; "));
}

json::Value to_json(const Permissions& permissions) {
  json::Object members;
  json::Array files;
  for (const auto& file : permissions.files) files.emplace_back(to_text(file));
  json::Array network;
  for (auto& text : to_texts(permissions.network)) network.emplace_back(std::move(text));
  if (!files.empty()) members.emplace_back("files", std::move(files));
  if (!network.empty()) members.emplace_back("network", std::move(network));
  if (permissions.spawn) members.emplace_back("spawn", true);
  if (permissions.secrets) members.emplace_back("secrets", json::Array{"config"});
  if (permissions.state > 0) members.emplace_back("state", size_text(permissions.state));
  return members;
}

}  // namespace unity
