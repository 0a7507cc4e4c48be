#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>

#include "control/control.hpp"
#include "control/socket_path.hpp"

namespace unity::host {
namespace {

constexpr timeval kPatience{5, 0};

Error failed(const std::filesystem::path& state_dir, std::string_view what) {
  return {Errc::unavailable, fmt::format("no host answers on {}: {}; is it running? Start it with "
                                         "`unity run`, or name its file with --config",
                                         state_dir.string(), what)};
}

}  // namespace

Result<std::string> ask_host(const std::filesystem::path& state_dir, std::string_view command) {
  const SocketPath path(state_dir);
  if (!path.usable()) return failed(state_dir, std::strerror(errno));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto name = path.address();
  std::memcpy(address.sun_path, name.data(), std::min(name.size(), sizeof address.sun_path - 1));

  const FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return failed(state_dir, std::strerror(errno));
  }
  const auto line = std::string(command) + "\n";
  if (::send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL) < 0) {
    return failed(state_dir, std::strerror(errno));
  }
  std::string reply;
  std::array<char, 4096> buffer;
  for (;;) {
    const auto got = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (got < 0) return failed(state_dir, std::strerror(errno));
    if (got == 0) return reply;
    reply.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace unity::host
