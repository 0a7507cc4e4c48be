// Resource limits of this process.
#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "worker/confine/privileges.hpp"

namespace unity::worker {
namespace {

// By how many the other processes and threads of the same user may grow before the limit of a
// worker, which the kernel counts for the user as a whole, keeps the worker from making its own.
constexpr std::uint64_t kGrowthOfOthers = 1024;

// At the limit of processor time comes SIGXCPU, which tells why; so much later SIGKILL.
constexpr std::uint64_t kSecondsAfterSigxcpu = 1;

// The sanitizers map far more than any program needs.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryCanBeLimited = false;
#else
constexpr bool kMemoryCanBeLimited = true;
#endif

// Empty, or why not. `beyond`: how far above it the limit is that cannot be raised.
std::string limit(__rlimit_resource resource, std::uint64_t value, std::uint64_t beyond = 0) {
  rlimit now{};
  if (::getrlimit(resource, &now) != 0) return std::strerror(errno);
  const rlimit wanted{std::min<rlim_t>(value, now.rlim_max),
                      std::min<rlim_t>(value + beyond, now.rlim_max)};
  return ::setrlimit(resource, &wanted) == 0 ? std::string() : std::strerror(errno);
}

bool tell(const std::string& error, const char* what, Enforced& enforced) {
  if (error.empty()) return true;
  enforced.gaps.push_back(std::string(what) + " is not limited: " + error);
  return false;
}

void limit_memory(const Confinement& confinement, Enforced& enforced) {
  if (confinement.limits.memory == 0) return;
  const auto error = kMemoryCanBeLimited ? limit(RLIMIT_DATA, confinement.limits.memory)
                                         : "this program was built with a sanitizer";
  enforced.memory = tell(error, "memory", enforced);
  if (enforced.memory && confinement.spawn) {
    enforced.gaps.emplace_back(
        "memory is limited for each process that the worker starts, and not for all of them "
        "together: that takes a control group");
  }
}

void limit_processes(const Confinement& confinement, Enforced& enforced) {
  if (confinement.limits.processes == 0) return;
  if (::getuid() == 0) {
    enforced.gaps.emplace_back(
        "the number of processes and threads is not limited: the kernel does not count those of "
        "root; run the host as a user of its own, or give it a control group");
    return;
  }
  const auto most = count_tasks_of_user() + confinement.limits.processes + kGrowthOfOthers;
  enforced.processes = tell(limit(RLIMIT_NPROC, most), "the number of processes", enforced);
}

}  // namespace

std::uint64_t count_tasks_of_user() {
  DIR* proc = ::opendir("/proc");
  if (proc == nullptr) return 0;
  std::uint64_t tasks = 0;
  while (const auto* entry = ::readdir(proc)) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    struct stat status {};
    const auto folder = std::string("/proc/") + entry->d_name + "/task";
    if (::stat(folder.c_str(), &status) != 0 || status.st_uid != ::getuid()) continue;
    tasks += std::max<std::uint64_t>(status.st_nlink, 3) - 2;  // "." and ".." beside the threads
  }
  ::closedir(proc);
  return tasks;
}

void limit_resources(const Confinement& confinement, Enforced& enforced) {
  const auto& limits = confinement.limits;
  limit_memory(confinement, enforced);
  limit_processes(confinement, enforced);
  if (limits.files > 0)
    tell(limit(RLIMIT_NOFILE, limits.files), "the number of open files", enforced);
  if (limits.cpu_seconds > 0)
    tell(limit(RLIMIT_CPU, limits.cpu_seconds, kSecondsAfterSigxcpu), "processor time", enforced);
  tell(limit(RLIMIT_CORE, 0), "the size of a core dump", enforced);
  limit(RLIMIT_MSGQUEUE, 0);
  limit(RLIMIT_RTPRIO, 0);
}

}  // namespace unity::worker
