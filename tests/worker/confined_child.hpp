// Runs a function in a child process that is confined first, and tells what came of it.
#pragma once

#include <grp.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "worker/confine/denials.hpp"
#include "worker/confine/landlock.hpp"
#include "workers/confinement_of.hpp"

namespace unity::worker {

struct Outcome {
  int error = -1;  // what the function returned: 0, or errno; -1: it did not come to that
  int signal = 0;  // what ended the child
  std::vector<std::string> denials;
  std::vector<std::string> gaps;
};

// Who the child is: the user who runs the tests, or nobody (for which it takes root).
enum class User { same, nobody };

inline Confinement confinement_for(std::string_view permissions, host::WorkerLimits limits = {}) {
  std::vector<PermissionProblem> problems;
  const auto changes = read_permissions(*json::parse(permissions), problems);
  EXPECT_TRUE(problems.empty()) << permissions;
  auto confinement = host::confinement_of(change_permissions({}, changes), limits);
  EXPECT_TRUE(confinement) << confinement.error().message;
  return confinement ? *confinement : Confinement{};
}

inline void become_nobody() {
  constexpr unsigned kNobody = 65534;
  if (::setgroups(0, nullptr) != 0 || ::setgid(kNobody) != 0 || ::setuid(kNobody) != 0) ::_exit(99);
}

// In the child: never returns.
[[noreturn]] inline void be_confined(int out, const Confinement& confinement, User user,
                                     const std::function<int()>& act) {
  if (user == User::nobody) become_nobody();
  const auto enforced = confine_self(confinement);
  const int error = act();
  std::ostringstream told;
  told << "error " << error << '\n';
  while (const auto denial = Denials::of_process().take())
    told << "denial " << describe(*denial) << '\n';
  for (const auto& gap : enforced.gaps) told << "gap " << gap << '\n';
  const auto text = told.str();
  const bool whole = ::write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::_exit(whole ? 0 : 98);
}

inline Outcome read_outcome(int in) {
  std::string text;
  char part[4096];
  for (ssize_t size = 0; (size = ::read(in, part, sizeof(part))) > 0;) {
    text.append(part, static_cast<std::size_t>(size));
  }
  Outcome outcome;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("error ")) outcome.error = std::stoi(line.substr(6));
    if (line.starts_with("denial ")) outcome.denials.push_back(line.substr(7));
    if (line.starts_with("gap ")) outcome.gaps.push_back(line.substr(4));
  }
  return outcome;
}

// `act` returns 0 or errno, and may not use the assertions of the test.
inline Outcome run_confined(const Confinement& confinement, User user,
                            const std::function<int()>& act) {
  int pipe[2];
  EXPECT_EQ(::pipe(pipe), 0);
  const pid_t child = ::fork();
  EXPECT_GE(child, 0);
  if (child == 0) {
    ::close(pipe[0]);
    be_confined(pipe[1], confinement, user, act);
  }
  ::close(pipe[1]);
  auto outcome = read_outcome(pipe[0]);
  ::close(pipe[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << status;
  return outcome;
}

// errno of a call that gave -1, else 0.
inline int errno_of(long result) { return result == -1 ? errno : 0; }

// Each test runs as the user of the tests and as nobody.
class Confine : public ::testing::TestWithParam<User> {
 protected:
  void SetUp() override {
    if (GetParam() == User::nobody && ::geteuid() != 0) {
      GTEST_SKIP() << "only root can become nobody";
    }
  }

  Outcome run(std::string_view permissions, const std::function<int()>& act) {
    return run_confined(confinement_for(permissions), GetParam(), act);
  }

  // Skips the test on a kernel whose Landlock is older.
  static bool has_landlock(int version) { return landlock_version() >= version; }
};

inline std::string name_of(const ::testing::TestParamInfo<User>& info) {
  return info.param == User::same ? "AsTheSameUser" : "AsNobody";
}

}  // namespace unity::worker

#define UNITY_NEEDS_LANDLOCK(version) \
  if (!has_landlock(version)) GTEST_SKIP() << "needs Landlock " << (version)
