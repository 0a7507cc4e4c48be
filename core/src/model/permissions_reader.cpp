// The grammar of permissions. docs/permissions.md shows it to people.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "unity/core/base/size.hpp"
#include "unity/core/base/suggest.hpp"
#include "unity/core/model/permissions.hpp"

namespace unity {
namespace {

using json::Value;

constexpr std::size_t kEntriesMax = 256;  // of a list
constexpr std::size_t kPathMax = 4095;
constexpr std::uint64_t kStateMax = std::uint64_t{64} << 20;

class Reading {
 public:
  explicit Reading(std::vector<PermissionProblem>& problems) : problems_(problems) {}

  void complain(std::string pointer, std::string message, bool at_key = false) {
    problems_.push_back({std::move(pointer), at_key, std::move(message)});
  }

  // Calls `each` with every text of a list and its pointer.
  template <class Each>
  void texts(const Value& value, const std::string& pointer, std::string_view example, Each each) {
    const auto* list = value.array();
    if (list == nullptr) {
      return complain(pointer, fmt::format("must be a list, such as [\"{}\"]", example));
    }
    if (list->size() > kEntriesMax) {
      return complain(pointer, fmt::format("has more than {} entries", kEntriesMax));
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
      const auto at = fmt::format("{}/{}", pointer, i);
      if (const auto* text = (*list)[i].string()) {
        each(*text, at);
      } else {
        complain(at, fmt::format("must be text, such as \"{}\"", example));
      }
    }
  }

 private:
  std::vector<PermissionProblem>& problems_;
};

// "{root}/proc" without what the braces hold, or nothing if that is no name.
std::optional<std::string_view> after_option(std::string_view path) {
  const auto end = path.find('}');
  if (end == path.npos || end < 2) return std::nullopt;
  const auto name = path.substr(1, end - 1);
  const bool good = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return good ? std::optional(path.substr(end + 1)) : std::nullopt;
}

// What is wrong with a path, without its rights and a "/**" at its end; empty if nothing is.
std::string fault_of_path(std::string_view path) {
  auto rest = path;
  if (path.starts_with('{')) {
    const auto after = after_option(path);
    if (!after) return "begins with '{' but not with the name of an option, as in \"{root}/proc\"";
    rest = *after;
    if (!rest.empty() && rest.front() != '/') return "needs a '/' after the option";
  } else if (!path.starts_with('/')) {
    return "must be a full path: one that begins with '/'";
  }
  if (path.size() > kPathMax) return fmt::format("has more than {} bytes", kPathMax);
  if (rest.find('\0') != rest.npos) return "has a zero byte in it";
  if (rest.find_first_of("*?[{}") != rest.npos) {
    return "may not have wildcards: name a file, or a folder for all that is below it";
  }
  for (std::size_t at = 0; at < rest.size();) {
    const auto end = std::min(rest.find('/', at + 1), rest.size());
    const auto step = rest.substr(at + 1, end - at - 1);
    if (step == "." || step == "..") return "may not have \".\" or \"..\" in it";
    if (step.empty() && rest != "/") return "has a '/' too many";
    at = end;
  }
  return {};
}

bool read_rights(std::string_view text, FilePermission& file) {
  for (const char c : text) {
    bool& right = c == 'r' ? file.read : c == 'w' ? file.write : file.execute;
    if ((c != 'r' && c != 'w' && c != 'x') || right) return false;
    right = true;
  }
  return !text.empty();
}

void read_file(Reading& in, const std::string& text, const std::string& at,
               std::vector<FilePermission>& files) {
  FilePermission file;
  const auto colon = text.rfind(':');
  if (colon == text.npos || !read_rights(std::string_view(text).substr(colon + 1), file)) {
    return in.complain(at, fmt::format("\"{}\" must end with what may be done: \":r\" to read, "
                                       "\":w\" to write, \":x\" to run, or several: \":rw\"",
                                       text));
  }
  std::string_view path(text.data(), colon);
  if (path.ends_with("/**")) path.remove_suffix(path == "/**" ? 2 : 3);
  const auto fault = fault_of_path(path);
  if (!fault.empty()) return in.complain(at, fmt::format("the path of \"{}\" {}", text, fault));
  file.path = path;
  files.push_back(std::move(file));
}

void read_port(Reading& in, const std::string& entry, std::string_view text, const std::string& at,
               PortPermission& into) {
  if (text == "*") {
    into.any = true;
    return;
  }
  std::uint16_t port = 0;
  const auto* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, port);
  if (result.ec != std::errc() || result.ptr != end || port == 0) {
    return in.complain(at,
                       fmt::format("the port of \"{}\" must be 1 to 65535, or * for any", entry));
  }
  into.ports.push_back(port);
}

void read_network_entry(Reading& in, const std::string& text, const std::string& at,
                        NetworkPermission& network) {
  const std::array<std::pair<std::string_view, bool*>, 3> families{
      {{"udp", &network.udp}, {"unix", &network.unix_sockets}, {"netlink", &network.netlink}}};
  for (const auto& [name, allowed] : families) {
    if (text != name) continue;
    *allowed = true;
    return;
  }
  const std::string_view entry = text;
  if (entry.starts_with("tcp:*:")) return read_port(in, text, entry.substr(6), at, network.connect);
  if (entry.starts_with("listen:tcp:")) {
    return read_port(in, text, entry.substr(11), at, network.listen);
  }
  if (entry.starts_with("tcp:") && entry.find(':', 4) != entry.npos) {
    return in.complain(
        at, fmt::format("\"{}\" names a host, and the kernel can confine a process to ports but "
                        "not to hosts: write \"tcp:*{}\", which allows that port of every host",
                        text, entry.substr(entry.rfind(':'))));
  }
  if (entry.starts_with("udp:") || entry.starts_with("listen:udp")) {
    return in.complain(at, fmt::format("\"{}\" names a port, and the kernel can confine a process "
                                       "to ports of TCP only: write \"udp\", which allows all",
                                       text));
  }
  in.complain(at, fmt::format("\"{}\" is none of \"tcp:*:PORT\", \"tcp:*:*\", \"listen:tcp:PORT\", "
                              "\"udp\", \"unix\", \"netlink\"",
                              text));
}

void tidy(std::vector<FilePermission>& files) {
  std::stable_sort(files.begin(), files.end(),
                   [](const auto& a, const auto& b) { return a.path < b.path; });
  std::vector<FilePermission> joined;
  for (auto& file : files) {
    if (joined.empty() || joined.back().path != file.path) {
      joined.push_back(std::move(file));
      continue;
    }
    joined.back().read |= file.read;
    joined.back().write |= file.write;
    joined.back().execute |= file.execute;
  }
  files = std::move(joined);
}

void tidy(PortPermission& ports) {
  if (ports.any) ports.ports.clear();
  std::sort(ports.ports.begin(), ports.ports.end());
  ports.ports.erase(std::unique(ports.ports.begin(), ports.ports.end()), ports.ports.end());
}

bool read_secrets(Reading& in, const Value& value) {
  bool allowed = false;
  in.texts(value, "/secrets", "config", [&](const std::string& text, const std::string& at) {
    if (text == "config") {
      allowed = true;
      return;
    }
    in.complain(at, fmt::format("\"{}\" is no source of secrets; \"config\" is: those that the "
                                "collector's own configuration names",
                                text));
  });
  return allowed;
}

std::uint64_t read_state(Reading& in, const Value& value) {
  std::optional<std::uint64_t> bytes;
  if (const auto* text = value.string()) bytes = parse_size(*text);
  if (value.is_integer() && value.number() >= 0)
    bytes = static_cast<std::uint64_t>(value.integer());
  if (bytes && *bytes <= kStateMax) return *bytes;
  in.complain("/state",
              fmt::format("must be a size of at most {}, such as \"1MiB\"", size_text(kStateMax)));
  return 0;
}

}  // namespace

PermissionChanges read_permissions(const Value& value, std::vector<PermissionProblem>& problems) {
  Reading in(problems);
  PermissionChanges changes;
  const auto* members = value.object();
  if (members == nullptr) {
    in.complain("",
                "must be an object with \"files\", \"network\", \"spawn\", \"secrets\", \"state\"");
    return changes;
  }
  for (const auto& [name, member] : *members) {
    if (name == "files") {
      auto& files = changes.files.emplace();
      in.texts(member, "/files", "/proc:r", [&](const std::string& text, const std::string& at) {
        read_file(in, text, at, files);
      });
      tidy(files);
    } else if (name == "network") {
      auto& network = changes.network.emplace();
      in.texts(member, "/network", "tcp:*:443",
               [&](const std::string& text, const std::string& at) {
                 read_network_entry(in, text, at, network);
               });
      tidy(network.connect);
      tidy(network.listen);
    } else if (name == "spawn") {
      const auto* flag = member.boolean();
      if (flag == nullptr) in.complain("/spawn", "must be true or false");
      changes.spawn = flag != nullptr && *flag;
    } else if (name == "secrets") {
      changes.secrets = read_secrets(in, member);
    } else if (name == "state") {
      changes.state = read_state(in, member);
    } else {
      const std::vector<std::string> known = {"files", "network", "spawn", "secrets", "state"};
      const auto near = nearest(name, known);
      in.complain("/" + name,
                  fmt::format("unknown permission \"{}\"; {}", name,
                              near ? fmt::format("did you mean \"{}\"?", *near)
                                   : fmt::format("there are {}", fmt::join(known, ", "))),
                  true);
    }
  }
  return changes;
}

}  // namespace unity
