#include "workers/spawn.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "worker/process/descriptors.hpp"

namespace unity::host {
namespace {

// Out of the way of the numbers that the worker is to find them under.
FileDescriptor lift(int fd) { return FileDescriptor(::fcntl(fd, F_DUPFD_CLOEXEC, 32)); }

class Actions {
 public:
  Actions() { ::posix_spawn_file_actions_init(&actions_); }
  ~Actions() { ::posix_spawn_file_actions_destroy(&actions_); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;

  void place(int fd, int number) { ::posix_spawn_file_actions_adddup2(&actions_, fd, number); }
  void open_null(int number) {
    ::posix_spawn_file_actions_addopen(&actions_, number, "/dev/null", O_RDONLY, 0);
  }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

// Signals as a new process has them: our threads block all, and the host ignores some.
class Attributes {
 public:
  Attributes() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t all;
    sigfillset(&all);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);  // a Ctrl-C in the terminal is the host's
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;

  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

// The host's environment may hold secrets; a plugin needs no more than this of it.
std::vector<std::string> environment() {
  std::vector<std::string> kept = {"PATH=/usr/bin:/bin"};
  for (const char* name : {"LANG", "TZ", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) kept.push_back(fmt::format("{}={}", name, value));
  }
  return kept;
}

}  // namespace

std::filesystem::path worker_binary() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / "unity-worker";
}

Result<Spawned> spawn_worker(const std::filesystem::path& binary, const WorkerStart& start) {
  const std::array sources = {lift(start.lane), lift(start.cancel), lift(start.services),
                              lift(start.slots), lift(start.output)};
  for (const auto& source : sources) {
    if (!source) {
      return Error{
          Errc::unavailable,
          fmt::format("cannot start a worker: no descriptor is left: {}", std::strerror(errno))};
    }
  }
  Actions actions;
  actions.open_null(STDIN_FILENO);
  actions.place(sources[4].get(), STDOUT_FILENO);
  actions.place(sources[4].get(), STDERR_FILENO);
  actions.place(sources[0].get(), kFirstLane);
  actions.place(sources[1].get(), kFirstCancel);
  actions.place(sources[2].get(), kServices);
  actions.place(sources[3].get(), kSlots);
  const Attributes attributes;
  std::string name = binary.string();
  std::string parent = fmt::to_string(::getpid());
  const std::array<char*, 3> arguments = {name.data(), parent.data(), nullptr};
  auto kept = environment();
  std::vector<char*> variables;
  for (auto& one : kept) variables.push_back(one.data());
  variables.push_back(nullptr);

  Spawned spawned;
  const int failed = ::posix_spawn(&spawned.pid, binary.c_str(), actions.get(), attributes.get(),
                                   arguments.data(), variables.data());
  if (failed != 0) {
    return Error{failed == ENOENT ? Errc::not_found : Errc::unavailable,
                 fmt::format("cannot start {}: {}", binary.string(), std::strerror(failed))};
  }
  spawned.pidfd = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, spawned.pid, 0)));
  if (!spawned.pidfd) {
    const int why = errno;
    ::kill(spawned.pid, SIGKILL);
    ::waitpid(spawned.pid, nullptr, 0);
    errno = why;
    return Error{Errc::unavailable, fmt::format("cannot watch a worker: {}", std::strerror(errno))};
  }
  return spawned;
}

}  // namespace unity::host
