// Denials in words.
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cstring>

#include "worker/confine/denials.hpp"
#include "worker/confine/denied_calls.hpp"

namespace unity::worker {
namespace {

std::string with_permission(const std::string& what, const std::string& permission) {
  return "it tried to " + what + ", which needs the permission " + permission;
}

std::string never(const std::string& what, const std::string& call) {
  return "it tried to " + what + " (" + call + "), which no plugin may";
}

std::string network_permission(const std::string& entry) {
  return "\"network\": [\"" + entry + "\"]";
}

constexpr const char* kSpawn = "\"spawn\": true";

std::string describe_socket(std::uint64_t family, std::uint64_t type) {
  switch (static_cast<int>(family)) {
    case AF_UNIX:
      return with_permission("open a socket of this machine (AF_UNIX)", network_permission("unix"));
    case AF_NETLINK:
      return with_permission("open a socket to the kernel (AF_NETLINK)",
                             network_permission("netlink"));
    case AF_INET:
    case AF_INET6: {
      const std::string what = std::string("open a network socket (") +
                               (static_cast<int>(family) == AF_INET ? "AF_INET" : "AF_INET6") + ")";
      switch (type & 0xf) {
        case SOCK_STREAM:
          return with_permission(what, network_permission("tcp:*:PORT") +
                                           " or, to accept connections, " +
                                           network_permission("listen:tcp:PORT"));
        case SOCK_DGRAM:
          return with_permission(what, network_permission("udp"));
        default:
          return never(what + " that is neither TCP nor UDP", "socket");
      }
    }
    default:
      return never("open a socket of the family " + std::to_string(static_cast<int>(family)),
                   "socket");
  }
}

struct ConditionalCall {
  long number;
  const char* name;
  const char* purpose;
  const char* permission;  // null: none allows it
};

// Denied by their arguments, or for want of a permission.
constexpr ConditionalCall kConditional[] = {
    {SYS_clone, "clone", "start a process", kSpawn},
#ifdef SYS_fork
    {SYS_fork, "fork", "start a process", kSpawn},
    {SYS_vfork, "vfork", "start a process", kSpawn},
#endif
    {SYS_execve, "execve", "run a program", kSpawn},
    {SYS_execveat, "execveat", "run a program", kSpawn},
    {SYS_bind, "bind", "take an address for a socket",
     "\"network\": [\"listen:tcp:PORT\"], [\"udp\"], [\"unix\"] or [\"netlink\"]"},
    {SYS_listen, "listen", "accept connections",
     "\"network\": [\"listen:tcp:PORT\"] or [\"unix\"]"},
    {SYS_kill, "kill", kSignal, nullptr},
    {SYS_tgkill, "tgkill", kSignal, nullptr},
    {SYS_rt_sigqueueinfo, "rt_sigqueueinfo", kSignal, nullptr},
    {SYS_rt_tgsigqueueinfo, "rt_tgsigqueueinfo", kSignal, nullptr},
    {SYS_pidfd_send_signal, "pidfd_send_signal", kSignal, nullptr},
    {SYS_fcntl, "fcntl", "have signals sent to another process", nullptr},
    {SYS_prlimit64, "prlimit64", "change the limits of another process", nullptr},
    {SYS_setpriority, "setpriority", "change the priority of other processes", nullptr},
    {SYS_sched_setscheduler, "sched_setscheduler", kPriority, nullptr},
    {SYS_sched_setparam, "sched_setparam", kPriority, nullptr},
    {SYS_sched_setattr, "sched_setattr", kPriority, nullptr},
    {SYS_sched_setaffinity, "sched_setaffinity", "choose processors for a thread", nullptr},
    {SYS_mmap, "mmap", kShared, nullptr},
    {SYS_rt_sigaction, "rt_sigaction", "handle SIGSYS, which is the host's", nullptr},
    {SYS_personality, "personality", "change its personality", nullptr},
    {SYS_prctl, "prctl", "outlive its host", nullptr},
    {SYS_ioctl, "ioctl", "type into a terminal, or have signals sent to another process", nullptr},
    {SYS_sendto, "sendto", "connect by sending (MSG_FASTOPEN)", nullptr},
    {SYS_sendmsg, "sendmsg", "connect by sending (MSG_FASTOPEN)", nullptr},
    {SYS_sendmmsg, "sendmmsg", "connect by sending (MSG_FASTOPEN)", nullptr},
    {SYS_socketpair, "socketpair", "open a pair of sockets that are not of this machine", nullptr},
};

std::string describe_call(const Denial& denial) {
  if (denial.call == SYS_socket) return describe_socket(denial.first, denial.second);
  for (const auto& call : kDeniedCalls) {
    if (call.number == denial.call) return never(call.purpose, call.name);
  }
  for (const auto& call : kConditional) {
    if (call.number != denial.call) continue;
    if (call.permission == nullptr) return never(call.purpose, call.name);
    return with_permission(std::string(call.purpose) + " (" + call.name + ")", call.permission);
  }
  return never("make a system call that is not allowed", "number " + std::to_string(denial.call));
}

std::string describe_file(const Denial& denial) {
  const std::string path = denial.path.data();
  const std::string verb =
      denial.write ? denial.read ? "reading and writing " : "writing " : "reading ";
  if (Denials::of_process().granted(path, denial.read, denial.write, false)) {
    return verb + path + " was refused by the system: " + std::strerror(denial.error) +
           "; the permission is there, but the user that the host runs as may not";
  }
  const std::string rights = std::string(denial.read ? "r" : "") + (denial.write ? "w" : "");
  return verb + path + " needs the permission \"files\": [\"" + path + ":" + rights + "\"]";
}

std::string describe_process(const Denial& denial) {
  const std::string path = denial.path.data();
  const bool spawn = Denials::of_process().may_spawn();
  if (path.empty()) return with_permission("start a process", kSpawn);
  if (!spawn) return with_permission("run " + path, kSpawn);
  if (Denials::of_process().granted(path, true, false, true)) {
    return "running " + path + " was refused by the system: " + std::strerror(denial.error) +
           "; the permission is there, but the user that the host runs as may not";
  }
  return with_permission("run " + path, "\"files\": [\"" + path + ":rx\"]");
}

}  // namespace

std::string describe(const Denial& denial) {
  const auto port = std::to_string(denial.first);
  switch (denial.kind) {
    case Denial::Kind::call:
      return describe_call(denial);
    case Denial::Kind::file:
      return describe_file(denial);
    case Denial::Kind::connect:
      return with_permission("connect to TCP port " + port, network_permission("tcp:*:" + port));
    case Denial::Kind::listen:
      if (denial.first == 0) {
        return with_permission("listen on a TCP port of the kernel's choice",
                               network_permission("listen:tcp:*"));
      }
      return with_permission("listen on TCP port " + port,
                             network_permission("listen:tcp:" + port));
    case Denial::Kind::process:
      return describe_process(denial);
  }
  return {};
}

}  // namespace unity::worker
