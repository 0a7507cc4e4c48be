#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>

#include "control/control.hpp"
#include "control/socket_path.hpp"

namespace unity::host {
namespace {

Error failed(const std::filesystem::path& state_dir, std::string_view what) {
  return {Errc::unavailable, fmt::format("no host answers on {}: {}; is it running? Start it with "
                                         "`unity run`, or name its file with --config",
                                         state_dir.string(), what)};
}

Errc code_of(const json::Value& error) {
  const auto* code = error.find("code");
  const auto text = code != nullptr && code->string() != nullptr ? *code->string() : std::string();
  if (text == "invalid") return Errc::invalid;
  if (text == "not_found") return Errc::not_found;
  if (text == "unavailable") return Errc::unavailable;
  return text == "refused" ? Errc::refused : Errc::internal;
}

Result<json::Value> read_reply(const std::string& reply, const std::filesystem::path& state_dir) {
  if (reply.empty()) return failed(state_dir, "it ended before it answered");
  auto value = json::parse(reply);
  if (!value) return Error{Errc::internal, "the host's answer is " + value.error().message};
  const auto* error = value->find("error");
  if (error == nullptr) return value;
  const auto* message = error->find("message");
  return Error{code_of(*error), message != nullptr && message->string() != nullptr
                                    ? *message->string()
                                    : json::dump(*error)};
}

Result<std::string> exchange(const std::filesystem::path& state_dir, const std::string& line,
                             std::chrono::seconds patience) {
  const SocketPath path(state_dir);
  if (!path.usable()) return failed(state_dir, std::strerror(errno));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto name = path.address();
  std::memcpy(address.sun_path, name.data(), std::min(name.size(), sizeof address.sun_path - 1));

  const FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval wait{patience.count(), 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return failed(state_dir, std::strerror(errno));
  }
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

}  // namespace

Result<json::Value> ask_host(const std::filesystem::path& state_dir, const json::Value& request,
                             std::chrono::seconds patience) {
  const auto reply = exchange(state_dir, json::dump(request) + "\n", patience);
  return reply ? read_reply(*reply, state_dir) : reply.error();
}

}  // namespace unity::host
