#include "workers/seccomp_filter.hpp"

#include <fmt/format.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "worker/base/file_descriptor.hpp"
#include "worker/confine/denied_calls.hpp"

namespace unity::host {
namespace {

constexpr std::uint64_t kLow = 0xffff'ffff;  // the kernel looks at no more of an int
constexpr std::uint64_t kNewNamespaces[] = {0x80,      0x20000,    0x2000000,  0x4000000,
                                            0x8000000, 0x10000000, 0x20000000, 0x40000000};
constexpr std::uint64_t kThread = 0x10000;  // CLONE_THREAD
constexpr int kFamilies = 46;               // of sockets, that there are so far
constexpr std::uint64_t kTypeMask = 0xf;    // SOCK_CLOEXEC and SOCK_NONBLOCK are beside it
constexpr std::uint64_t kSetOwner = 8;      // F_SETOWN: who gets signals of a descriptor
constexpr std::uint64_t kSetOwnerEx = 15;   // F_SETOWN_EX

scmp_arg_cmp same(unsigned index, std::uint64_t value, std::uint64_t mask = kLow) {
  return {index, SCMP_CMP_MASKED_EQ, mask, value};
}
scmp_arg_cmp other(unsigned index, std::uint64_t value) { return {index, SCMP_CMP_NE, value, 0}; }
scmp_arg_cmp at_least(unsigned index, std::uint64_t value) {
  return {index, SCMP_CMP_GE, value, 0};
}
scmp_arg_cmp above(unsigned index, std::uint64_t value) { return {index, SCMP_CMP_GT, value, 0}; }

class Filter {
 public:
  explicit Filter(std::uint32_t denied)
      : context_(::seccomp_init(SCMP_ACT_ALLOW)), denied_(denied) {
    if (context_ == nullptr) error_ = -ENOMEM;
  }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;
  ~Filter() {
    if (context_ != nullptr) ::seccomp_release(context_);
  }

  // Denies the call if its arguments are as all of `conditions` say.
  void deny(long call, std::initializer_list<scmp_arg_cmp> conditions = {}) {
    answer(call, denied_, conditions);
  }
  void answer(long call, std::uint32_t action,
              std::initializer_list<scmp_arg_cmp> conditions = {}) {
    if (error_ != 0) return;
    error_ = ::seccomp_rule_add_array(context_, action, static_cast<int>(call),
                                      static_cast<unsigned>(conditions.size()), conditions.begin());
  }

  Result<std::vector<std::byte>> bytes() {
    if (error_ == 0) error_ = ::seccomp_attr_set(context_, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    const FileDescriptor file(::memfd_create("filter", MFD_CLOEXEC));
    if (error_ == 0 && file.get() < 0) error_ = -errno;
    if (error_ == 0) error_ = ::seccomp_export_bpf(context_, file.get());
    if (error_ != 0) {
      return Error{Errc::internal, fmt::format("cannot make the filter of system calls: {}",
                                               std::strerror(-error_))};
    }
    std::vector<std::byte> program(static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END)));
    if (::pread(file.get(), program.data(), program.size(), 0) !=
        static_cast<ssize_t>(program.size())) {
      return Error{Errc::internal, "cannot read the filter of system calls back"};
    }
    return program;
  }

 private:
  scmp_filter_ctx context_;
  std::uint32_t denied_;
  int error_ = 0;
};

void deny_protocols(Filter& filter, std::uint64_t family, std::uint64_t type,
                    std::uint64_t protocol) {
  for (std::uint64_t one = 1; one < protocol; ++one) {
    filter.deny(SYS_socket, {same(0, family), same(1, type, kTypeMask), same(2, one)});
  }
  filter.deny(SYS_socket, {same(0, family), same(1, type, kTypeMask), above(2, protocol)});
}

// TCP and UDP only: for other protocols (MPTCP, SCTP) Landlock does not look at ports.
void deny_internet(Filter& filter, std::uint64_t family, bool tcp, bool udp) {
  for (std::uint64_t type = 0; type <= kTypeMask; ++type) {
    if ((type == SOCK_STREAM && tcp) || (type == SOCK_DGRAM && udp)) continue;
    filter.deny(SYS_socket, {same(0, family), same(1, type, kTypeMask)});
  }
  if (tcp) deny_protocols(filter, family, SOCK_STREAM, 6);
  if (udp) deny_protocols(filter, family, SOCK_DGRAM, 17);
}

void deny_network(Filter& filter, const NetworkPermission& network) {
  const bool tcp = !network.connect.none() || !network.listen.none();
  for (int family = 0; family < kFamilies; ++family) {
    const bool internet = family == AF_INET || family == AF_INET6;
    if (internet && (tcp || network.udp)) {
      deny_internet(filter, static_cast<std::uint64_t>(family), tcp, network.udp);
    } else if (!(family == AF_UNIX && network.unix_sockets) &&
               !(family == AF_NETLINK && network.netlink)) {
      filter.deny(SYS_socket, {same(0, static_cast<std::uint64_t>(family))});
    }
  }
  filter.deny(SYS_socket, {at_least(0, kFamilies)});
  // A pair that is connected to itself for good is harmless; each half of one of datagrams can be
  // sent anywhere. Other families know none.
  filter.deny(SYS_socketpair, {other(0, AF_UNIX)});
  for (std::uint64_t type = 0; type <= kTypeMask && !network.unix_sockets; ++type) {
    if (type == SOCK_STREAM || type == SOCK_SEQPACKET) continue;
    filter.deny(SYS_socketpair, {same(1, type, kTypeMask)});
  }

  const bool listens = !network.listen.none();
  if (!listens && !network.unix_sockets) filter.deny(SYS_listen);
  if (!listens && !network.unix_sockets && !network.udp && !network.netlink) filter.deny(SYS_bind);
  // Landlock looks at connect(), and this connects without it.
  filter.deny(SYS_sendto, {same(3, MSG_FASTOPEN, MSG_FASTOPEN)});
  filter.deny(SYS_sendmsg, {same(2, MSG_FASTOPEN, MSG_FASTOPEN)});
  filter.deny(SYS_sendmmsg, {same(3, MSG_FASTOPEN, MSG_FASTOPEN)});
}

void deny_processes(Filter& filter, bool spawn) {
  // Its flags are in memory, out of a filter's sight. libc takes clone() instead.
  filter.answer(SYS_clone3, SCMP_ACT_ERRNO(ENOSYS));
  for (const auto flag : kNewNamespaces) filter.deny(SYS_clone, {same(0, flag, flag)});
  filter.deny(SYS_clone, {same(0, CLONE_PARENT, CLONE_PARENT)});  // the host's child, not its own
  if (spawn) return;
  // libc makes these with SIGSYS blocked, and a trap would end the process; the functions that the
  // worker has in front of libc's note the denial.
  const auto refuse = SCMP_ACT_ERRNO(EPERM);
  filter.answer(SYS_clone, refuse, {same(0, 0, kThread)});
#ifdef SYS_fork
  filter.answer(SYS_fork, refuse);
  filter.answer(SYS_vfork, refuse);
#endif
  filter.deny(SYS_execve);
  filter.deny(SYS_execveat);
  filter.deny(SYS_pidfd_send_signal);
}

// What is fine for this process itself, and not for others of the same user.
void deny_reach(Filter& filter, bool spawn) {
  filter.deny(SYS_prlimit64, {other(0, 0)});
  filter.deny(SYS_sched_setscheduler, {other(0, 0)});
  filter.deny(SYS_sched_setparam, {other(0, 0)});
  filter.deny(SYS_sched_setattr, {other(0, 0)});
  filter.deny(SYS_sched_setaffinity, {other(0, 0)});
  filter.deny(SYS_setpriority, {other(0, PRIO_PROCESS)});
  filter.deny(SYS_setpriority, {other(1, 0)});
  if (!spawn) {
    filter.deny(SYS_fcntl, {same(1, kSetOwner)});
    filter.deny(SYS_fcntl, {same(1, kSetOwnerEx)});
    filter.deny(SYS_ioctl, {same(1, FIOSETOWN)});
    filter.deny(SYS_ioctl, {same(1, SIOCSPGRP)});
  }
}

void deny_by_arguments(Filter& filter, bool spawn) {
  filter.deny(SYS_rt_sigaction, {same(0, SIGSYS), other(1, 0)});
  filter.deny(SYS_prctl, {same(0, PR_SET_PDEATHSIG)});
  filter.deny(SYS_personality, {other(0, 0xffff'ffff)});  // which asks what it is
  filter.deny(SYS_ioctl, {same(1, TIOCSTI)});
  filter.deny(SYS_ioctl, {same(1, TIOCLINUX)});
  // Neither is counted by the limit of memory.
  constexpr std::uint64_t kSharedAnonymous = MAP_SHARED | MAP_ANONYMOUS;
  if (!spawn) filter.deny(SYS_mmap, {same(3, kSharedAnonymous, kSharedAnonymous)});
  filter.deny(SYS_mmap, {same(3, MAP_GROWSDOWN, MAP_GROWSDOWN)});
}

}  // namespace

Result<std::vector<std::byte>> build_seccomp_filter(const Permissions& permissions) {
  // Programs that the worker starts do not handle SIGSYS: it would end them.
  Filter filter(permissions.spawn ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_TRAP);
  for (const auto& call : worker::kDeniedCalls) filter.deny(call.number);
  deny_processes(filter, permissions.spawn);
  deny_network(filter, permissions.network);
  deny_reach(filter, permissions.spawn);
  deny_by_arguments(filter, permissions.spawn);
  return filter.bytes();
}

}  // namespace unity::host
