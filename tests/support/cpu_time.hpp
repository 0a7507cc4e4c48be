// The CPU time of this process and of all that it has started, such as a server: what work costs
// whatever else the machine does.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace unity::test {

// In seconds. Of others than this process to a hundredth, and only of those that live.
inline double cpu_time() {
  struct Process {
    long parent;
    double seconds;
  };
  std::map<long, Process> processes;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream in(entry.path() / "stat");
    std::string text((std::istreambuf_iterator<char>(in)), {});
    const auto end = text.rfind(')');
    if (end == std::string::npos) continue;
    std::istringstream fields(text.substr(end + 1));
    std::string skipped;
    Process one{};
    double user = 0;
    double system = 0;
    fields >> skipped >> one.parent;
    for (int i = 0; i < 9; ++i) fields >> skipped;
    fields >> user >> system;
    one.seconds = (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
    processes.emplace(std::stol(name), one);
  }
  const long self = getpid();
  double sum = 0;
  for (const auto& [pid, process] : processes) {
    auto at = pid;
    while (at != self && processes.contains(at)) at = processes.at(at).parent;
    if (at == self && pid != self) sum += process.seconds;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return sum + seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace unity::test
