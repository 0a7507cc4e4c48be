#include "check/schedule/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace unity::check {
namespace {

constexpr off_t kOutputTail = 4096;
constexpr int kCannotStart = 127;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // these reserve terabytes of addresses
#else
constexpr bool kSanitized = false;
#endif

void limit(__rlimit_resource what, rlim_t value) {
  const rlimit both{value, value};
  ::setrlimit(what, &both);
}

// Between fork and exec: only what is safe there.
[[noreturn]] void become(char* const* command, const char* folder, int page, int output,
                         const ChildLimits& limits) {
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int kept_page = ::fcntl(page, F_DUPFD, 10);
  const int kept_output = ::fcntl(output, F_DUPFD, 10);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(kept_output, STDOUT_FILENO);
  ::dup2(kept_output, STDERR_FILENO);
  ::dup2(kept_page, kSharedPageFd);
  ::close_range(kSharedPageFd + 1, ~0U, 0);
  if (::chdir(folder) != 0) ::_exit(kCannotStart);
  limit(RLIMIT_CPU, limits.cpu_seconds);
  limit(RLIMIT_NOFILE, limits.descriptors);
  limit(RLIMIT_FSIZE, limits.file_bytes);
  limit(RLIMIT_CORE, 0);
  if (!kSanitized) limit(RLIMIT_AS, limits.memory_bytes);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  static char* const empty[] = {nullptr};
  ::execve(command[0], command, empty);
  ::_exit(kCannotStart);
}

std::string tail_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return {};
  std::string text(static_cast<std::size_t>(std::min(status.st_size, kOutputTail)), '\0');
  const auto got =
      ::pread(fd, text.data(), text.size(), status.st_size - static_cast<off_t>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return text;
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& command,
                                         const std::filesystem::path& folder,
                                         const ChildLimits& limits) {
  ChildProcess child;
  child.page_ = std::make_unique<OwnedPage>();
  child.output_ = ::memfd_create("unity-check-output", MFD_CLOEXEC);
  if (!*child.page_ || child.output_ < 0) {
    return Error{
        Errc::unavailable,
        fmt::format("cannot start a check: no memory to share with it: {}", std::strerror(errno))};
  }
  std::vector<char*> words;
  for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  child.began_ = std::chrono::steady_clock::now();
  child.deadline_ = child.began_ + limits.wall;
  child.pid_ = ::fork();
  if (child.pid_ == 0) {
    become(words.data(), folder.c_str(), child.page_->fd(), child.output_, limits);
  }
  if (child.pid_ > 0) child.pidfd_ = static_cast<int>(::syscall(SYS_pidfd_open, child.pid_, 0));
  if (child.pidfd_ < 0) {
    return Error{Errc::unavailable, fmt::format("cannot start a check: {}", std::strerror(errno))};
  }
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::exchange(other.pidfd_, -1)),
      output_(std::exchange(other.output_, -1)),
      page_(std::move(other.page_)),
      began_(other.began_),
      deadline_(other.deadline_) {}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) finish();
  if (pidfd_ >= 0) ::close(pidfd_);
  if (output_ >= 0) ::close(output_);
}

ChildEnd ChildProcess::finish() {
  ChildEnd end;
  siginfo_t ended{};
  const bool over =
      ::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
      ended.si_pid == pid_;
  end.timed_out = !over;
  // The number is still ours: it is collected only below.
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  end.took = std::chrono::steady_clock::now() - began_;
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  end.phase = page_->phase();
  end.fault = page_->fault();
  end.result = page_->result();
  end.output = tail_of(output_);
  return end;
}

}  // namespace unity::check
