#include "check/process/state.hpp"

#include <fenv.h>
#include <fmt/format.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "check/process/facts.hpp"

namespace unity::check {
namespace {

void add_signals(ProcessState& state) {
  for (int signal = 1; signal < SIGRTMIN; ++signal) {
    struct sigaction action {};
    if (::sigaction(signal, nullptr, &action) != 0) continue;
    const char* name = ::sigabbrev_np(signal);
    const auto handler = (action.sa_flags & SA_SIGINFO) != 0
                             ? reinterpret_cast<std::uintptr_t>(action.sa_sigaction)
                             : reinterpret_cast<std::uintptr_t>(action.sa_handler);
    state[fmt::format("what SIG{} does", name != nullptr ? name : "?")] =
        handler == 0   ? "the default"
        : handler == 1 ? "nothing"
                       : fmt::format("a handler at {:#x}", handler);
  }
  sigset_t blocked;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  std::string names;
  for (int signal = 1; signal < SIGRTMIN; ++signal) {
    if (::sigismember(&blocked, signal) == 1) names += fmt::format(" {}", signal);
  }
  state["the signals that its thread blocks"] = names.empty() ? "none" : names;
}

void add_limits(ProcessState& state) {
  static constexpr std::pair<__rlimit_resource, const char*> limits[] = {
      {RLIMIT_AS, "memory"},       {RLIMIT_CORE, "core files"}, {RLIMIT_CPU, "cpu time"},
      {RLIMIT_DATA, "data"},       {RLIMIT_FSIZE, "files"},     {RLIMIT_NOFILE, "descriptors"},
      {RLIMIT_NPROC, "processes"}, {RLIMIT_STACK, "stack"}};
  for (const auto& [resource, name] : limits) {
    rlimit limit{};
    ::getrlimit(resource, &limit);
    state[fmt::format("the limit on {}", name)] =
        fmt::format("{}/{}", limit.rlim_cur, limit.rlim_max);
  }
  state["its priority"] = std::to_string(::getpriority(PRIO_PROCESS, 0));
}

std::string umask_text() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("Umask:")) return line.substr(6);
  }
  return {};
}

std::string files_here() {
  std::string names;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry(work_folder(), error), end;
       !error && entry != end; entry.increment(error)) {
    names += " " + entry->path().string();
  }
  return names.empty() ? "none" : names;
}

}  // namespace

ProcessState process_state() {
  ProcessState state;
  add_signals(state);
  add_limits(state);
  state["the locale"] = ::setlocale(LC_ALL, nullptr);
  std::error_code error;
  state["the working folder"] = std::filesystem::current_path(error).string();
  state["the umask"] = umask_text();
  std::string environment;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    environment += std::string(*variable) + " ";
  }
  state["the environment"] = environment.empty() ? "empty" : environment;
  state["the rounding of numbers"] = std::to_string(::fegetround());
  state["the floating point exceptions that trap"] = std::to_string(::fegetexcept());
  state["its name"] = [] {
    char name[17] = {};
    ::prctl(PR_GET_NAME, name);
    return std::string(name);
  }();
  state["the users that it runs as"] = fmt::format("{}/{}", ::getuid(), ::geteuid());
  struct stat output {};
  ::fstat(STDOUT_FILENO, &output);
  state["the bytes on standard output and error"] = std::to_string(output.st_size);
  state["the files in the working folder"] = files_here();
  return state;
}

std::vector<std::string> differences(const ProcessState& before, const ProcessState& after) {
  std::vector<std::string> found;
  for (const auto& [fact, was] : before) {
    const auto is = after.find(fact);
    if (is != after.end() && is->second != was) {
      found.push_back(fmt::format("{}: {} instead of {}", fact, is->second, was));
    }
  }
  return found;
}

}  // namespace unity::check
