#include "worker/protocol/channel.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace unity::host {
namespace {

// Each packet begins with one byte: whether more of the message follows.
constexpr char kLast = 0;
constexpr char kMore = 1;
constexpr std::size_t kPartsMax = 1024;  // of a packet: what the kernel takes

}  // namespace

Result<std::pair<Channel, Channel>> Channel::make() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return Error{Errc::unavailable,
                 std::string("cannot make a socket pair: ") + std::strerror(errno)};
  }
  return std::pair(Channel(FileDescriptor(ends[0])), Channel(FileDescriptor(ends[1])));
}

bool Channel::send_packet(std::span<iovec> parts, const std::vector<int>& descriptors, int flags) {
  msghdr header{};
  header.msg_iov = parts.data();
  header.msg_iovlen = parts.size();
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kDescriptorsMax)> control{};
  if (!descriptors.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors.size());
    auto* carried = CMSG_FIRSTHDR(&header);
    carried->cmsg_level = SOL_SOCKET;
    carried->cmsg_type = SCM_RIGHTS;
    carried->cmsg_len = CMSG_LEN(sizeof(int) * descriptors.size());
    std::memcpy(CMSG_DATA(carried), descriptors.data(), sizeof(int) * descriptors.size());
  }
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket_.get(), &header, MSG_NOSIGNAL | flags);
  } while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

bool Channel::send(std::string_view message, const std::vector<int>& descriptors) {
  return send_parts({&message, 1}, descriptors);
}

bool Channel::send_parts(std::span<const std::string_view> parts,
                         const std::vector<int>& descriptors) {
  return send_all(parts, descriptors, 0);
}

bool Channel::send_now(std::string_view message) {
  return send_all({&message, 1}, {}, MSG_DONTWAIT);
}

bool Channel::send_all(std::span<const std::string_view> parts, const std::vector<int>& descriptors,
                       int flags) {
  bool first = true;
  std::string_view rest = parts.empty() ? std::string_view() : parts.front();
  do {
    char head = kLast;
    std::array<iovec, kPartsMax> packet;
    packet[0] = {&head, 1};
    std::size_t count = 1;
    for (std::size_t room = kPacketMax - 1; room > 0 && !parts.empty() && count < kPartsMax;) {
      const auto part = rest.substr(0, room);
      packet[count++] = {const_cast<char*>(part.data()), part.size()};
      room -= part.size();
      rest.remove_prefix(part.size());
      if (!rest.empty()) continue;
      parts = parts.subspan(1);
      if (!parts.empty()) rest = parts.front();
    }
    if (!parts.empty()) head = kMore;
    if (!send_packet({packet.data(), count}, first ? descriptors : std::vector<int>(), flags)) {
      return false;
    }
    first = false;
  } while (!parts.empty());
  return true;
}

bool Channel::try_send(std::string_view message) {
  return message.size() < kPacketMax && send_now(message);
}

Channel::Arrival Channel::receive_packet(int flags) {
  if (!partial_) {
    descriptors_.clear();
    assembled_.clear();
  }
  if (!packet_) packet_ = std::make_unique_for_overwrite<char[]>(kPacketMax);
  iovec part{packet_.get(), kPacketMax};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kDescriptorsMax)> control;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t got = 0;
  do {
    got = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC | flags);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Arrival::nothing;
  if (got < 0) return Arrival::gone;
  for (auto* carried = CMSG_FIRSTHDR(&header); carried != nullptr;
       carried = CMSG_NXTHDR(&header, carried)) {
    if (carried->cmsg_level != SOL_SOCKET || carried->cmsg_type != SCM_RIGHTS) continue;
    const auto count = (carried->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(carried) + i * sizeof(int), sizeof fd);
      descriptors_.emplace_back(fd);
    }
  }
  // Not before: a packet of no bytes, which looks like the end, may bring descriptors too.
  if (got == 0 || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) return Arrival::gone;
  // Of a message, not of a packet: the other end shall not fill our table of open files.
  if (descriptors_.size() > kDescriptorsMax) return Arrival::gone;
  const std::string_view bytes(packet_.get() + 1, static_cast<std::size_t>(got) - 1);
  const bool first = !partial_;
  partial_ = packet_[0] == kMore;
  if (first && !partial_) {  // the usual one: no copy
    message_ = bytes;
    return Arrival::message;
  }
  if (assembled_.size() + bytes.size() > kMessageMax) return Arrival::gone;
  assembled_ += bytes;
  if (partial_) return Arrival::part;
  message_ = assembled_;
  return Arrival::message;
}

bool Channel::receive() {
  auto arrival = receive_packet(0);
  while (arrival == Arrival::part) arrival = receive_packet(0);
  return arrival == Arrival::message;
}

Channel::Arrival Channel::receive_part() { return receive_packet(MSG_DONTWAIT); }

void Channel::set_send_room(int bytes) {
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

void Channel::shut() { ::shutdown(socket_.get(), SHUT_RDWR); }

}  // namespace unity::host
