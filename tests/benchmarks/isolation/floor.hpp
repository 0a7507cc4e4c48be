// The bare transport: two processes with a pair of SEQPACKET sockets between them and nothing else.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <vector>

#include "worker/base/file_descriptor.hpp"

namespace unity::host {

// Another process that answers each request with so many bytes, which it copies into its buffer
// before; here they are copied out.
class PingPong {
 public:
  explicit PingPong(std::size_t answer);
  ~PingPong();
  PingPong(const PingPong&) = delete;
  PingPong& operator=(const PingPong&) = delete;

  void call();
  pid_t process() const { return process_; }

 private:
  FileDescriptor socket_;
  pid_t process_;
  std::vector<char> packet_;
  std::vector<char> kept_;
};

// Another process that sends packets as fast as they are taken, each copied as above.
class PacketFlow {
 public:
  explicit PacketFlow(std::size_t packet);
  ~PacketFlow();
  PacketFlow(const PacketFlow&) = delete;
  PacketFlow& operator=(const PacketFlow&) = delete;

  std::size_t take();  // the bytes of the next
  pid_t process() const { return process_; }

 private:
  FileDescriptor socket_;
  pid_t process_;
  std::vector<char> packet_;
  std::vector<char> kept_;
};

}  // namespace unity::host
