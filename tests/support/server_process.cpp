#include "support/server_process.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace unity::test {
namespace {

// Null: as who we are.
const passwd* other_user(const std::string& name) {
  if (geteuid() != 0) return nullptr;
  const auto* user = getpwnam(name.c_str());
  return user != nullptr ? user : getpwnam("nobody");
}

}  // namespace

void ServerProcess::take(const std::filesystem::path& folder) const {
  const auto* user = other_user(user_);
  if (user != nullptr && chown(folder.c_str(), user->pw_uid, user->pw_gid) != 0) {
    throw std::runtime_error("cannot give the server its folder");
  }
}

void ServerProcess::run(const std::string& what, const std::string& command,
                        const std::filesystem::path& log) const {
  const auto child = spawn(command, log);
  int status = -1;
  if (waitpid(child, &status, 0) != child || status != 0) {
    throw std::runtime_error(fmt::format("cannot {}: see {}", what, log.string()));
  }
}

void ServerProcess::start(const std::string& command, const std::filesystem::path& log) {
  pid_ = spawn(command, log);
}

bool ServerProcess::has_ended() {
  if (pid_ != 0 && waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
  return pid_ == 0;
}

void ServerProcess::stop(int signal) {
  if (pid_ == 0) return;
  ::kill(pid_, signal);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void ServerProcess::freeze() const {
  ::kill(pid_, SIGSTOP);
  waitpid(pid_, nullptr, WUNTRACED);  // its threads may run on for a moment
}
void ServerProcess::thaw() const { ::kill(pid_, SIGCONT); }

pid_t ServerProcess::spawn(const std::string& command, const std::filesystem::path& log) const {
  const auto* user = other_user(user_);
  const auto line = fmt::format("exec {} >>{} 2>&1", command, log.string());
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  if (user != nullptr &&
      (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
    _exit(1);
  }
  // At once, and with all its processes, however this program ends. After setuid, which clears it.
  prctl(PR_SET_PDEATHSIG, death_signal_);
  if (getppid() != parent || chdir("/") != 0) _exit(1);
  execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
  _exit(127);
}

}  // namespace unity::test
