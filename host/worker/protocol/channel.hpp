// One end of a socket between the host and a worker: whole messages of any size, with descriptors.
#pragma once

#include <sys/uio.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/result.hpp"
#include "worker/base/file_descriptor.hpp"

namespace unity::host {

// A message that is larger than a packet of the socket goes as several.
class Channel {
 public:
  // 64 KiB of text with what is around it are one packet.
  static constexpr std::size_t kPacketMax = std::size_t{68} << 10;
  static constexpr std::size_t kMessageMax = std::size_t{80} << 20;
  static constexpr std::size_t kDescriptorsMax = 4;  // of a message

  Channel() = default;
  explicit Channel(FileDescriptor socket) : socket_(std::move(socket)) {}
  // Two ends of one. Errors: unavailable.
  static Result<std::pair<Channel, Channel>> make();

  // One thread at a time. False if the other end is gone.
  bool send(std::string_view message, const std::vector<int>& descriptors = {});
  // As one message: what lies in several places need not be put together before.
  bool send_parts(std::span<const std::string_view> parts,
                  const std::vector<int>& descriptors = {});
  // As send(), for a message of one packet, if there is room at once; false if not.
  bool try_send(std::string_view message);
  // As send(), if there is room at once. False also if there is not, and then the other end may
  // have half of it.
  bool send_now(std::string_view message);

  // One thread at a time. False if the other end is gone or sends what is not of our form. The
  // message is valid until the next call; so are the descriptors, unless they are released.
  bool receive();
  // As receive(), but takes one packet of what is there and never waits for more.
  enum class Arrival : std::uint8_t { message, part, nothing, gone };
  Arrival receive_part();
  std::string_view message() const { return message_; }
  std::vector<FileDescriptor>& descriptors() { return descriptors_; }

  // How many bytes the system may keep that are sent and not read; it may have a bound of its own.
  void set_send_room(int bytes);

  // Both ends find the channel gone, also who waits in it. Any thread.
  void shut();
  int fd() const { return socket_.get(); }

 private:
  bool send_all(std::span<const std::string_view> parts, const std::vector<int>& descriptors,
                int flags);
  bool send_packet(std::span<iovec> parts, const std::vector<int>& descriptors, int flags);
  Arrival receive_packet(int flags);

  FileDescriptor socket_;
  std::unique_ptr<char[]> packet_;  // touched only as far as packets are long
  std::string assembled_;
  bool partial_ = false;  // the last packet was not its message's last
  std::string_view message_;
  std::vector<FileDescriptor> descriptors_;
};

}  // namespace unity::host
