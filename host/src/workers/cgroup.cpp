#include "workers/cgroup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

#include "worker/base/file_descriptor.hpp"

namespace unity::host {
namespace {

constexpr const char* kHostGroup = "unity-host";
constexpr const char* kWorkerGroup = "unity-worker-";
constexpr const char* kWithout =
    "memory, processes and processors are not limited for a worker as a whole: ";
constexpr std::uint64_t kPeriod = 100'000;  // of cpu.max, in microseconds

// 0, or errno. The kernel takes a value whole, in one write, and makes no file for us.
int put(const std::filesystem::path& file, std::string_view text) {
  const FileDescriptor opened(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!opened) return errno;
  return ::write(opened.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size())
             ? 0
             : errno;
}

std::string read_all(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// The number after `name` in a file of lines "name number".
std::uint64_t number_in(const std::filesystem::path& file, std::string_view name) {
  std::istringstream words(read_all(file));
  std::string word;
  std::uint64_t number = 0;
  while (words >> word >> number) {
    if (word == name) return number;
  }
  return 0;
}

bool is_delegated(const std::filesystem::path& folder) {
  // systemd marks what it delegates; where it runs for a user, all of that user's is.
  for (const auto* mark : {"user.delegate", "trusted.delegate"}) {
    char value = '0';
    if (::getxattr(folder.c_str(), mark, &value, 1) == 1 && value == '1') return true;
  }
  struct stat status {};
  return ::geteuid() != 0 && ::stat(folder.c_str(), &status) == 0 && status.st_uid == ::geteuid();
}

void remove_leftovers(const std::filesystem::path& folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with(kWorkerGroup)) continue;
    put(entry.path() / "cgroup.kill", "1");
    ::rmdir(entry.path().c_str());  // or with the next start
  }
}

Error cannot(std::string_view what, const std::filesystem::path& where, int error) {
  return {Errc::unavailable, fmt::format("cannot {} the control group {}: {}", what, where.string(),
                                         std::strerror(error))};
}

}  // namespace

std::string own_cgroup(std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    if (line.starts_with("0::/")) return std::string(line.substr(3));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

CgroupPlace CgroupPlace::of_this_process() {
  const auto own = own_cgroup(read_all("/proc/self/cgroup"));
  const std::filesystem::path root = "/sys/fs/cgroup";
  // Beside version 1 the tree lies elsewhere, and has none of the controllers that matter.
  if (own.empty() || ::access((root / "cgroup.controllers").c_str(), F_OK) != 0) return {};
  std::filesystem::path folder = root;
  folder += own;
  return {folder, is_delegated(folder)};
}

Result<void> Cgroup::add(pid_t process) {
  const int error = put(folder_ / "cgroup.procs", std::to_string(process));
  if (error != 0) return cannot(fmt::format("put process {} into", process), folder_, error);
  return {};
}

std::uint64_t Cgroup::memory_kills() const {
  return number_in(folder_ / "memory.events", "oom_kill");
}

bool Cgroup::remove() {
  if (folder_.empty()) return true;
  put(folder_ / "cgroup.kill", "1");
  if (::rmdir(folder_.c_str()) != 0 && errno != ENOENT) return false;
  folder_.clear();
  return true;
}

Cgroups Cgroups::take_over(const CgroupPlace& place) {
  Cgroups groups;
  if (place.folder.empty()) {
    groups.gap_ = fmt::format("{}this system has no control groups of version 2", kWithout);
    return groups;
  }
  if (!place.delegated) {
    groups.gap_ = fmt::format(
        "{}the control group {} is not the host's to divide; with systemd, add `Delegate=yes` to "
        "the unit",
        kWithout, place.folder.string());
    return groups;
  }
  groups.folder_ =
      place.folder.filename() == kHostGroup ? place.folder.parent_path() : place.folder;
  const auto own = groups.folder_ / kHostGroup;
  if (::mkdir(own.c_str(), 0755) != 0 && errno != EEXIST) {
    groups.gap_ = fmt::format("{}{}", kWithout, cannot("create", own, errno).message);
    return groups;
  }
  if (const int error = put(own / "cgroup.procs", std::to_string(::getpid())); error != 0) {
    groups.gap_ = fmt::format("{}{}", kWithout, cannot("enter", own, error).message);
    ::rmdir(own.c_str());
    return groups;
  }
  remove_leftovers(groups.folder_);

  groups.enable_controllers();
  return groups;
}

void Cgroups::enable_controllers() {
  const std::array<std::pair<const char*, bool*>, 3> known{
      {{"memory", &memory_}, {"pids", &processes_}, {"cpu", &processors_}}};
  std::istringstream listed(read_all(folder_ / "cgroup.controllers"));
  for (std::string word; listed >> word;) {
    for (const auto& [name, offered] : known) *offered |= word == name;
  }
  std::vector<std::string> wanted;
  std::vector<std::string> missing;
  for (const auto& [name, offered] : known) {
    (*offered ? wanted : missing).push_back((*offered ? "+" : "") + std::string(name));
  }
  const int error =
      put(folder_ / "cgroup.subtree_control", fmt::format("{}", fmt::join(wanted, " ")));
  if (error != 0) {
    memory_ = processes_ = processors_ = false;
    gap_ = fmt::format("{}{}", kWithout, cannot("divide", folder_, error).message);
  } else if (!missing.empty()) {
    gap_ = fmt::format(
        "a worker as a whole is not limited in {}: the control group {} does not "
        "offer that",
        fmt::join(missing, ", "), folder_.string());
  }
}

Result<Cgroup> Cgroups::make(std::uint64_t number, const CgroupLimits& limits) const {
  const auto folder = folder_ / fmt::format("{}{}", kWorkerGroup, number);
  if (!any()) return Error{Errc::refused, gap_};
  if (::mkdir(folder.c_str(), 0755) != 0) return cannot("create", folder, errno);
  Cgroup group(folder);
  std::vector<std::pair<const char*, std::string>> values;
  if (memory_ && limits.memory > 0) {
    values.emplace_back("memory.max", fmt::to_string(limits.memory));
    values.emplace_back("memory.oom.group", "1");
  }
  if (processes_ && limits.processes > 0) {
    values.emplace_back("pids.max", fmt::to_string(limits.processes));
  }
  if (processors_ && limits.processors > 0) {
    const auto share = static_cast<std::uint64_t>(std::ceil(limits.processors * kPeriod));
    values.emplace_back("cpu.max", fmt::format("{} {}", share, kPeriod));
  }
  for (const auto& [file, value] : values) {
    if (const int error = put(folder / file, value); error != 0) {
      return cannot(fmt::format("write {} to {} of", value, file), folder, error);
    }
  }
  // Not there on a machine without swap.
  if (memory_ && limits.memory > 0) put(folder / "memory.swap.max", "0");
  return group;
}

}  // namespace unity::host
