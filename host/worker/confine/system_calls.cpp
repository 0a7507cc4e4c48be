#include "worker/confine/system_calls.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "worker/confine/denied_calls.hpp"

namespace unity::worker {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
constexpr std::uint32_t kOtherTable = 0x40000000;  // x32; the other filter ends the process for it
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
constexpr std::uint32_t kOtherTable = 0x7fffffff;
#else
#error "the filter of system calls is written for x86-64 and aarch64"
#endif

constexpr std::uint32_t offset_of_argument(int index) {
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + sizeof(std::uint64_t) * index);
}

sock_filter statement(std::uint16_t code, std::uint32_t k) { return BPF_STMT(code, k); }
sock_filter jump(std::uint16_t code, std::uint32_t k, std::uint8_t yes, std::uint8_t no) {
  return BPF_JUMP(code, k, yes, no);
}
sock_filter load(std::uint32_t offset) { return statement(BPF_LD | BPF_W | BPF_ABS, offset); }
sock_filter answer(std::uint32_t action) { return statement(BPF_RET | BPF_K, action); }

// Signals go to this process only; where it may start others, Landlock keeps them among its own.
constexpr long kSignalCalls[] = {SYS_kill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo};

std::vector<sock_filter> own_filter(bool spawn) {
  std::vector<sock_filter> program = {
      load(offsetof(seccomp_data, arch)),
      jump(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
      answer(SECCOMP_RET_KILL_PROCESS),
      load(offsetof(seccomp_data, nr)),
      jump(BPF_JMP | BPF_JGE | BPF_K, kOtherTable, 2, 0),
      jump(BPF_JMP | BPF_JGE | BPF_K, static_cast<std::uint32_t>(kFirstUnknownCall), 0, 1),
      answer(SECCOMP_RET_ERRNO | ENOSYS),
  };
  const auto pid = static_cast<std::uint32_t>(::getpid());
  if (!spawn) {
    for (const long call : kSignalCalls) {
      program.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 4));
      program.push_back(load(offset_of_argument(0)));
      program.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, pid, 0, 1));
      program.push_back(answer(SECCOMP_RET_ALLOW));
      program.push_back(answer(SECCOMP_RET_TRAP));
    }
  }
  program.push_back(answer(SECCOMP_RET_ALLOW));
  return program;
}

int install(const void* filters, std::size_t count) {
  if (count == 0 || count > BPF_MAXINSNS) return EINVAL;
  // The kernel only reads it.
  sock_fprog program{static_cast<unsigned short>(count),
                     const_cast<sock_filter*>(static_cast<const sock_filter*>(filters))};
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 ? 0 : errno;
}

}  // namespace

void enter_system_call_filter(const Confinement& confinement, Enforced& enforced) {
  const auto own = own_filter(confinement.spawn);
  int error = install(own.data(), own.size());
  if (error == 0) {
    std::vector<sock_filter> given(confinement.system_calls.size() / sizeof(sock_filter));
    std::memcpy(given.data(), confinement.system_calls.data(), given.size() * sizeof(sock_filter));
    error = install(given.data(), given.size());
  }
  enforced.system_calls = error == 0;
  if (error != 0) {
    enforced.gaps.push_back(
        std::string("system calls are not confined, nor is the network: seccomp "
                    "refused: ") +
        std::strerror(error));
  } else if (!confinement.spawn) {
    enforced.signals = true;
  }
}

}  // namespace unity::worker
