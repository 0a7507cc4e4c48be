// connect, bind and socket: the ports that Landlock refuses, and families where the filter answers
// without SIGSYS because the worker may start programs.
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <optional>

#include "worker/confine/interposed.hpp"

namespace {

using unity::worker::Denial;
using unity::worker::Denials;
using unity::worker::Next;

// Of an address of TCP or UDP.
std::optional<std::uint16_t> port_of(const sockaddr* address, socklen_t size) {
  // The port is at the same place for both families.
  sockaddr_in known{};
  if (address == nullptr || size < sizeof(known)) return std::nullopt;
  ::memcpy(&known, address, sizeof(known));
  const bool internet = known.sin_family == AF_INET || known.sin_family == AF_INET6;
  return internet ? std::optional(ntohs(known.sin_port)) : std::nullopt;
}

int noted(int result, Denial::Kind kind, const sockaddr* address, socklen_t size) {
  if (result == 0 || !unity::worker::was_refused()) return result;
  const unity::worker::KeptErrno kept;
  const auto port = port_of(address, size);
  if (!port) return result;
  Denial denial;
  denial.kind = kind;
  denial.error = kept.value();
  denial.first = *port;
  Denials::of_process().note(denial);
  return result;
}

constinit Next<int(int, const sockaddr*, socklen_t)> next_connect("connect");
constinit Next<int(int, const sockaddr*, socklen_t)> next_bind("bind");
constinit Next<int(int, int, int)> next_socket("socket");

}  // namespace

extern "C" {

int connect(int socket, const sockaddr* address, socklen_t size) {
  return noted(next_connect.get()(socket, address, size), Denial::Kind::connect, address, size);
}

int bind(int socket, const sockaddr* address, socklen_t size) noexcept {
  const int result = next_bind.get()(socket, address, size);
  // EPERM is the filter's, and noted; EACCES is Landlock's.
  if (result != 0 && errno == EPERM && !Denials::of_process().may_spawn()) return result;
  return noted(result, Denial::Kind::listen, address, size);
}

int socket(int family, int type, int protocol) noexcept {
  const int result = next_socket.get()(family, type, protocol);
  if (result < 0 && errno == EPERM && Denials::of_process().active() &&
      Denials::of_process().may_spawn()) {
    const unity::worker::KeptErrno kept;
    Denial denial;
    denial.error = kept.value();
    denial.call = SYS_socket;
    denial.first = static_cast<std::uint64_t>(family);
    denial.second = static_cast<std::uint64_t>(type);
    Denials::of_process().note(denial);
  }
  return result;
}

}  // extern "C"
