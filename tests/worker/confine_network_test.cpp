#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "worker/confined_child.hpp"

namespace unity::worker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

int try_socket(int family, int type, int protocol = 0) {
  const int fd = ::socket(family, type | SOCK_CLOEXEC, protocol);
  const int error = errno_of(fd);
  if (fd >= 0) ::close(fd);
  return error;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Listens in the test itself, on a port that is free.
class Listener {
 public:
  Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto address = loopback(0);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(fd_, 8), 0);
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { ::close(fd_); }
  std::uint16_t port() const { return port_; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

int try_connect(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  const auto address = loopback(port);
  const int error =
      errno_of(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)));
  ::close(fd);
  return error;
}

int try_listen(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  const auto address = loopback(port);
  int error = errno_of(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)));
  if (error == 0) error = errno_of(::listen(fd, 1));
  ::close(fd);
  return error;
}

std::string network(const std::string& entry) { return R"({"network": [")" + entry + "\"]}"; }

class ConfineNetwork : public Confine {};

TEST_P(ConfineNetwork, IsClosedWithoutAPermission) {
  const auto outcome = run("{}", [] {
    for (const int family : {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK}) {
      if (try_socket(family, SOCK_DGRAM) != EPERM) return 1000 + family;
      if (try_socket(family, SOCK_STREAM) != EPERM) return 2000 + family;
    }
    return 0;
  });

  EXPECT_EQ(outcome.error, 0);
  ASSERT_THAT(outcome.denials, testing::SizeIs(12));
  EXPECT_EQ(outcome.denials[0],
            "it tried to open a network socket (AF_INET), which needs the permission \"network\": "
            "[\"udp\"]");
  EXPECT_THAT(outcome.denials[1], HasSubstr("\"network\": [\"tcp:*:PORT\"]"));
  EXPECT_THAT(outcome.denials[4], HasSubstr("\"network\": [\"unix\"]"));
  EXPECT_THAT(outcome.denials[6], HasSubstr("\"network\": [\"netlink\"]"));
  EXPECT_THAT(outcome.denials[8], HasSubstr("which no plugin may"));
}

TEST_P(ConfineNetwork, OpensTheFamiliesThatAreGrantedAndNoOther) {
  struct Case {
    const char* entry;
    int family;
    int type;
  };
  const std::vector<Case> cases = {{"udp", AF_INET, SOCK_DGRAM},
                                   {"udp", AF_INET6, SOCK_DGRAM},
                                   {"tcp:*:80", AF_INET, SOCK_STREAM},
                                   {"tcp:*:*", AF_INET6, SOCK_STREAM},
                                   {"listen:tcp:80", AF_INET, SOCK_STREAM},
                                   {"unix", AF_UNIX, SOCK_STREAM},
                                   {"netlink", AF_NETLINK, SOCK_RAW}};
  for (const auto& one : cases) {
    const auto outcome = run(network(one.entry), [&] {
      for (const auto& other : cases) {
        const bool granted = std::string_view(one.entry) == other.entry ||
                             (other.type == SOCK_STREAM && one.type == SOCK_STREAM &&
                              other.family != AF_UNIX && one.family != AF_UNIX);
        const int error = try_socket(other.family, other.type);
        if (granted ? error == EPERM : error != EPERM) return 1000 + other.family;
      }
      return 0;
    });
    EXPECT_EQ(outcome.error, 0) << one.entry;
  }
}

TEST_P(ConfineNetwork, IsNotReachedByProtocolsWhosePortsTheKernelDoesNotConfine) {
  const auto outcome = run(R"({"network": ["tcp:*:80", "udp"]})", [] {
    constexpr int kMptcp = 262;
    if (try_socket(AF_INET, SOCK_STREAM, kMptcp) != EPERM) return 1000;
    if (try_socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP) != EPERM) return 1001;
    if (try_socket(AF_INET, SOCK_SEQPACKET) != EPERM) return 1002;
    if (try_socket(AF_INET, SOCK_RAW, IPPROTO_TCP) != EPERM) return 1003;
    if (try_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) != 0) return 1004;
    return try_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
  });

  EXPECT_EQ(outcome.error, 0);
}

TEST_P(ConfineNetwork, IsNotFooledByBitsThatTheKernelDoesNotLookAt) {
  const auto outcome = run(network("udp"), [] {
    constexpr long kBeyond = 1L << 32;
    if (errno_of(::syscall(SYS_socket, kBeyond | AF_UNIX, SOCK_STREAM, 0)) != EPERM) return 1000;
    if (errno_of(::syscall(SYS_socket, AF_INET, kBeyond | SOCK_STREAM, 0)) != EPERM) return 1001;
    return 0;
  });

  EXPECT_EQ(outcome.error, 0);
}

TEST_P(ConfineNetwork, ReachesTheGrantedPortsOnly) {
  UNITY_NEEDS_LANDLOCK(4);
  const Listener granted;
  const Listener other;

  const auto outcome = run(network("tcp:*:" + std::to_string(granted.port())), [&] {
    if (const int error = try_connect(granted.port())) return error;
    return try_connect(other.port());
  });

  EXPECT_EQ(outcome.error, EACCES);
  const auto port = std::to_string(other.port());
  EXPECT_THAT(outcome.denials,
              ElementsAre("it tried to connect to TCP port " + port +
                          ", which needs the permission \"network\": [\"tcp:*:" + port + "\"]"));
}

TEST_P(ConfineNetwork, ReachesAnyPortIfThatIsGranted) {
  const Listener any;

  const auto outcome = run(network("tcp:*:*"), [&] { return try_connect(any.port()); });

  EXPECT_EQ(outcome.error, 0);
}

TEST_P(ConfineNetwork, ConnectsByNothingButConnect) {
  const Listener other;
  const auto outcome = run(network("tcp:*:1"), [&] {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    const auto address = loopback(other.port());
    return errno_of(::sendto(fd, "x", 1, MSG_FASTOPEN, reinterpret_cast<const sockaddr*>(&address),
                             sizeof(address)));
  });

  EXPECT_EQ(outcome.error, EPERM);
  EXPECT_THAT(outcome.denials, ElementsAre(HasSubstr("MSG_FASTOPEN")));
}

TEST_P(ConfineNetwork, ListensOnGrantedPortsOnly) {
  UNITY_NEEDS_LANDLOCK(4);
  std::uint16_t port = 0;
  std::uint16_t another = 0;
  {
    const Listener one;
    const Listener two;
    port = one.port();
    another = two.port();
  }
  const auto outcome = run(network("listen:tcp:" + std::to_string(port)), [&] {
    if (const int error = try_listen(port)) return error;
    if (try_connect(port) != EACCES) return 1000;
    if (try_listen(0) != EACCES) return 1001;
    return try_listen(another);
  });

  EXPECT_EQ(outcome.error, EACCES);
  EXPECT_THAT(outcome.denials,
              ElementsAre(HasSubstr("connect to TCP port " + std::to_string(port)),
                          HasSubstr("\"listen:tcp:*\""),
                          HasSubstr("\"listen:tcp:" + std::to_string(another) + "\"")));
}

TEST_P(ConfineNetwork, DoesNotListenIfItMayOnlyConnect) {
  const auto outcome = run(network("tcp:*:*"), [] {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    return errno_of(::listen(fd, 1));  // on a port that the kernel would choose
  });

  EXPECT_EQ(outcome.error, EPERM);
  EXPECT_THAT(outcome.denials, ElementsAre(HasSubstr("listen:tcp:PORT")));
}

TEST_P(ConfineNetwork, KeepsPairsOfSocketsAndWhatTheHostGave) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
  const auto outcome = run("{}", [&] {
    int own[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, own) != 0) return errno;
    if (::send(own[0], "x", 1, 0) != 1) return errno;
    return ::send(pair[1], "hello", 5, 0) == 5 ? 0 : errno;
  });

  EXPECT_EQ(outcome.error, 0);
  EXPECT_THAT(outcome.denials, IsEmpty());
  ::close(pair[0]);
  ::close(pair[1]);
}

// Either end of such a pair can be sent or connected elsewhere.
TEST_P(ConfineNetwork, MakesNoPairOfDatagramsWithoutThePermission) {
  const auto pair_of_datagrams = [] {
    int own[2];
    return errno_of(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, own));
  };

  EXPECT_EQ(run("{}", pair_of_datagrams).error, EPERM);
  EXPECT_EQ(run(network("unix"), pair_of_datagrams).error, 0);
}

INSTANTIATE_TEST_SUITE_P(All, ConfineNetwork, testing::Values(User::same, User::nobody), name_of);

}  // namespace
}  // namespace unity::worker
