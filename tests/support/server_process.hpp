// A server that a test program starts, and that goes with it however it ends.
#pragma once

#include <filesystem>
#include <string>

namespace unity::test {

// Runs programs as `user` if the tests run as root, which servers refuse to.
class ServerProcess {
 public:
  // `death_signal` ends the server if the test program is killed.
  ServerProcess(std::string user, int death_signal)
      : user_(std::move(user)), death_signal_(death_signal) {}
  ~ServerProcess() { stop(death_signal_); }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Gives the folder to the user.
  void take(const std::filesystem::path& folder) const;
  // Throws if `command`, which makes what a server needs, does not succeed.
  void run(const std::string& what, const std::string& command,
           const std::filesystem::path& log) const;

  // What the shell is to exec; its output goes to `log`.
  void start(const std::string& command, const std::filesystem::path& log);
  // Also if it was never started.
  bool has_ended();
  // Waits until it is gone.
  void stop(int signal);
  pid_t pid() const { return pid_; }  // 0: none
  // Stops answering, without ending, before this returns; and goes on.
  void freeze() const;
  void thaw() const;

 private:
  pid_t spawn(const std::string& command, const std::filesystem::path& log) const;

  std::string user_;
  int death_signal_;
  pid_t pid_ = 0;
};

}  // namespace unity::test
