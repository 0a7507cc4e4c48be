#include "benchmarks/isolation/floor.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "benchmarks/isolation/setup.hpp"

namespace unity::host {
namespace {

constexpr std::size_t kRequest = 64;  // about what a call of a collector is

// Runs `body` with the other end of `mine` in a process that ends with this one.
template <class Body>
pid_t start_process(FileDescriptor& mine, Body body) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    give_up("no socket pair");
  }
  mine = FileDescriptor(ends[0]);
  const pid_t child = ::fork();
  if (child < 0) give_up("no process");
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int other = ::dup2(ends[1], 3);
    ::close_range(4, ~0U, 0);
    body(other);
    ::_exit(0);
  }
  ::close(ends[1]);
  return child;
}

void end_process(pid_t process) {
  ::kill(process, SIGKILL);
  ::waitpid(process, nullptr, 0);
}

}  // namespace

PingPong::PingPong(std::size_t answer) : packet_(answer), kept_(answer) {
  const std::vector<char> source(answer, 'x');
  std::vector<char> buffer(answer);
  process_ = start_process(socket_, [&](int socket) {
    std::array<char, kRequest> request;
    while (::recv(socket, request.data(), request.size(), 0) > 0) {
      std::memcpy(buffer.data(), source.data(), answer);
      if (::send(socket, buffer.data(), answer, MSG_NOSIGNAL) < 0) break;
    }
  });
}

PingPong::~PingPong() { end_process(process_); }

void PingPong::call() {
  static constexpr std::array<char, kRequest> request{};
  ::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL);
  const auto got = ::recv(socket_.get(), packet_.data(), packet_.size(), 0);
  if (got != static_cast<ssize_t>(packet_.size())) give_up("the floor has not answered");
  std::memcpy(kept_.data(), packet_.data(), packet_.size());
}

PacketFlow::PacketFlow(std::size_t packet) : packet_(packet), kept_(packet) {
  const std::vector<char> source(packet, 'x');
  std::vector<char> buffer(packet);
  process_ = start_process(socket_, [&](int socket) {
    do {
      std::memcpy(buffer.data(), source.data(), packet);
    } while (::send(socket, buffer.data(), packet, MSG_NOSIGNAL) > 0);
  });
}

PacketFlow::~PacketFlow() { end_process(process_); }

std::size_t PacketFlow::take() {
  const auto got = ::recv(socket_.get(), packet_.data(), packet_.size(), 0);
  if (got <= 0) give_up("the floor has ended");
  std::memcpy(kept_.data(), packet_.data(), static_cast<std::size_t>(got));
  return static_cast<std::size_t>(got);
}

}  // namespace unity::host
