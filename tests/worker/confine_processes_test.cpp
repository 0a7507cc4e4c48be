#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <thread>

#include "worker/confined_child.hpp"

namespace unity::worker {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kSpawn = R"({"spawn": true, "files": ["/usr/bin:rx", "/bin:rx"]})";

// errno of starting a program, or 1000 and its exit status if that is not 0.
int run_program(const char* path) {
  char* const arguments[] = {const_cast<char*>(path), nullptr};
  pid_t child = 0;
  if (const int error = ::posix_spawn(&child, path, nullptr, nullptr, arguments, environ)) {
    return error;
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return errno;
  return status == 0 ? 0 : 1000 + status;
}

class ConfineProcesses : public Confine {
 protected:
  pid_t parent_ = ::getpid();
};

TEST_P(ConfineProcesses, CannotBeStartedWithoutSpawn) {
  const auto outcome = run(R"({"files": ["/usr/bin:rx"]})", [] {
    if (errno_of(::fork()) != EPERM) return 1000;
    if (run_program("/usr/bin/true") != EPERM) return 1001;
    if (::popen("true", "r") != nullptr || errno != EPERM) return 1002;
    if (::system("true") != -1 || errno != EPERM) return 1003;
    char* const arguments[] = {nullptr};
    if (errno_of(::execv("/usr/bin/true", arguments)) != EPERM) return 1004;
    return 0;
  });

  EXPECT_EQ(outcome.error, 0);
  EXPECT_THAT(
      outcome.denials,
      testing::AllOf(testing::SizeIs(5),
                     testing::Each("it tried to start a process, which needs the permission "
                                   "\"spawn\": true")));
}

TEST_P(ConfineProcesses, CannotBeStartedByBareSystemCalls) {
  const auto outcome = run("{}", [] {
    char* const arguments[] = {nullptr};
    if (errno_of(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)) != EPERM) return 1000;
    if (errno_of(::syscall(SYS_clone3, nullptr, 0)) != ENOSYS) return 1001;
    if (errno_of(::syscall(SYS_execveat, AT_FDCWD, "/bin/true", arguments, arguments, 0)) !=
        EPERM) {
      return 1002;
    }
    return errno_of(::syscall(SYS_execve, "/bin/true", arguments, arguments));
  });

  EXPECT_EQ(outcome.error, EPERM);
  EXPECT_THAT(outcome.denials, ElementsAre(HasSubstr("run a program (execveat)"),
                                           HasSubstr("run a program (execve)")));
}

TEST_P(ConfineProcesses, RunTheProgramsThatAreGranted) {
  UNITY_NEEDS_LANDLOCK(1);
  const auto outcome = run(kSpawn, [] {
    if (const int error = run_program("/usr/bin/true")) return error;
    return ::system("exit 3") == 3 << 8 ? 0 : 1000;
  });

  EXPECT_EQ(outcome.error, 0);
  EXPECT_THAT(outcome.denials, IsEmpty());
}

TEST_P(ConfineProcesses, RunNoOtherProgram) {
  UNITY_NEEDS_LANDLOCK(1);
  const auto outcome = run(R"({"spawn": true})", [] { return run_program("/usr/bin/true"); });

  EXPECT_EQ(outcome.error, EACCES);
  EXPECT_THAT(outcome.denials,
              ElementsAre("it tried to run /usr/bin/true, which needs the permission "
                          "\"files\": [\"/usr/bin/true:rx\"]"));
}

TEST_P(ConfineProcesses, ThatAWorkerStartsAreDeniedTheSameWithoutBeingEnded) {
  const auto outcome = run(kSpawn, [] {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(errno_of(::socket(AF_INET, SOCK_STREAM, 0)) == EPERM ? 0 : 1);
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
  });

  EXPECT_EQ(outcome.error, 0);
  EXPECT_THAT(outcome.denials, ElementsAre(HasSubstr("open a network socket (AF_INET)")));
}

TEST_P(ConfineProcesses, CannotBeMadeTheHostsOwnChildren) {
  const auto outcome = run(R"({"spawn": true})", [] {
    const auto made = ::syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
    if (made == 0) ::_exit(0);
    return errno_of(made);
  });

  EXPECT_EQ(outcome.error, EPERM);
}

TEST_P(ConfineProcesses, MayHaveThreads) {
  const auto outcome = run("{}", [] {
    int answer = 1;
    std::thread([&] { answer = 0; }).join();
    return answer;
  });

  EXPECT_EQ(outcome.error, 0);
  EXPECT_THAT(outcome.denials, IsEmpty());
}

TEST_P(ConfineProcesses, CannotTouchTheHost) {
  const auto outcome = run("{}", [&] {
    if (errno_of(::ptrace(PTRACE_ATTACH, parent_, nullptr, nullptr)) != EPERM) return 1000;
    if (errno_of(::kill(parent_, SIGCONT)) != EPERM) return 1001;
    if (errno_of(::syscall(SYS_tgkill, parent_, parent_, SIGCONT)) != EPERM) return 1002;
    if (errno_of(::syscall(SYS_tkill, parent_, SIGCONT)) != EPERM) return 1003;
    const rlimit none{0, 0};
    if (errno_of(::prlimit(parent_, RLIMIT_NOFILE, &none, nullptr)) != EPERM) return 1004;
    if (errno_of(::setpriority(PRIO_PROCESS, static_cast<id_t>(parent_), 19)) != EPERM) return 1005;
    if (errno_of(::prctl(PR_SET_PDEATHSIG, 0)) != EPERM) return 1006;
    return 0;
  });

  EXPECT_EQ(outcome.error, 0);
  EXPECT_THAT(
      outcome.denials,
      ElementsAre("it tried to look into or change another process (ptrace), which no plugin may",
                  HasSubstr("(kill)"), HasSubstr("(tgkill)"), HasSubstr("(tkill)"),
                  HasSubstr("(prlimit64)"), HasSubstr("(setpriority)"), HasSubstr("(prctl)")));
}

TEST_P(ConfineProcesses, CannotSignalTheHostWithSpawnEither) {
  UNITY_NEEDS_LANDLOCK(6);
  const auto outcome = run(kSpawn, [&] {
    const pid_t child = ::fork();
    if (child == 0) {
      for (;;) ::pause();
    }
    if (const int error = errno_of(::kill(child, SIGKILL))) return error;
    ::waitpid(child, nullptr, 0);
    return errno_of(::kill(parent_, SIGCONT));
  });

  EXPECT_EQ(outcome.error, EPERM);
}

TEST_P(ConfineProcesses, MaySignalThemselves) {
  const auto outcome = run("{}", [] {
    ::signal(SIGUSR1, SIG_IGN);
    if (const int error = errno_of(::raise(SIGUSR1))) return error;
    return errno_of(::kill(::getpid(), SIGUSR1));
  });

  EXPECT_EQ(outcome.error, 0);
}

TEST_P(ConfineProcesses, CannotMakeCallsThatNoPluginNeeds) {
  const auto outcome = run("{}", [] {
    if (errno_of(::syscall(SYS_io_uring_setup, 1, nullptr)) != EPERM) return 1000;
    if (errno_of(::unshare(CLONE_NEWUSER)) != EPERM) return 1001;
    if (errno_of(::mount("none", "/tmp", "tmpfs", 0, nullptr)) != EPERM) return 1002;
    if (errno_of(::syscall(SYS_bpf, 0, nullptr, 0)) != EPERM) return 1003;
    if (errno_of(::syscall(SYS_keyctl, 0, 0)) != EPERM) return 1004;
    if (errno_of(::syscall(SYS_memfd_create, "x", 0)) != EPERM) return 1005;
    return 0;
  });

  EXPECT_EQ(outcome.error, 0);
  EXPECT_THAT(outcome.denials,
              ElementsAre(HasSubstr("io_uring"), HasSubstr("unshare"), HasSubstr("mount"),
                          HasSubstr("bpf"), HasSubstr("keyctl"), HasSubstr("memfd_create")));
}

TEST_P(ConfineProcesses, FindAKernelThatIsNoNewerThanTheFilter) {
  const auto outcome = run("{}", [] {
    constexpr long kOpenTreeAttr = 467;  // Linux 6.15; it would say EFAULT or the like
    return errno_of(::syscall(kOpenTreeAttr, -1, nullptr, 0, nullptr, 0));
  });

  EXPECT_EQ(outcome.error, ENOSYS);
}

#if defined(__x86_64__)
TEST_P(ConfineProcesses, AreEndedForCallsOfAnotherArchitecture) {
  constexpr long kX32 = 0x40000000;
  const auto outcome = run("{}", [] { return errno_of(::syscall(kX32 | SYS_getpid)); });

  EXPECT_EQ(outcome.signal, SIGSYS);
}
#endif

TEST_P(ConfineProcesses, CannotTakeTheSignalOfDenials) {
  const auto outcome = run("{}", [] {
    if (::signal(SIGSYS, SIG_IGN) != SIG_ERR || errno != EPERM) return 1000;
    ::signal(SIGSEGV, SIG_DFL);  // which is theirs
    return errno_of(::socket(AF_INET, SOCK_DGRAM, 0));
  });

  EXPECT_EQ(outcome.error, EPERM);
  EXPECT_THAT(outcome.denials, ElementsAre(HasSubstr("SIGSYS"), HasSubstr("AF_INET")));
}

TEST_P(ConfineProcesses, CannotBlockTheSignalOfDenials) {
  const auto outcome = run("{}", [] {
    sigset_t all;
    ::sigfillset(&all);
    int error = 0;
    std::thread([&] {
      ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
      error = errno_of(::socket(AF_INET, SOCK_DGRAM, 0));
    }).join();
    if (error != EPERM) return 1000;
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
    return errno_of(::socket(AF_INET, SOCK_DGRAM, 0));
  });

  EXPECT_EQ(outcome.signal, 0);
  EXPECT_EQ(outcome.error, EPERM);
}

TEST_P(ConfineProcesses, HaveNoPrivilegesAndCanGainNone) {
  const auto outcome = run("{}", [] {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct held[_LINUX_CAPABILITY_U32S_3] = {};
    if (::syscall(SYS_capget, &header, held) != 0) return errno;
    for (const auto& part : held) {
      if (part.effective != 0 || part.permitted != 0 || part.inheritable != 0) return 1000;
    }
    if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 1001;
    if (::geteuid() == 0 && ::prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0) != 0) return 1002;
    if (::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) return 1003;
    return ::setuid(12345) == 0 ? 1004 : 0;
  });

  EXPECT_EQ(outcome.error, 0);
}

TEST_P(ConfineProcesses, StartInTheRootFolderAndLeaveNothingForOthers) {
  const auto outcome = run("{}", [] {
    char folder[16] = {};
    if (::getcwd(folder, sizeof(folder)) == nullptr) return errno;
    if (std::string_view(folder) != "/") return 1000;
    return ::umask(0) == 077 ? 0 : 1001;
  });

  EXPECT_EQ(outcome.error, 0);
}

INSTANTIATE_TEST_SUITE_P(All, ConfineProcesses, testing::Values(User::same, User::nobody), name_of);

}  // namespace
}  // namespace unity::worker
