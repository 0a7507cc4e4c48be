#include "worker/confine/landlock.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace unity::worker {
namespace {

// As in linux/landlock.h, of which Debian 12 has an older one.
struct RulesetAttributes {
  std::uint64_t files;
  std::uint64_t ports;   // since 4
  std::uint64_t scoped;  // since 6
};
struct [[gnu::packed]] PathAttributes {
  std::uint64_t allowed;
  std::int32_t parent;
};
struct PortAttributes {
  std::uint64_t allowed;
  std::uint64_t port;
};
constexpr unsigned kVersionFlag = 1;
constexpr int kPathRule = 1;
constexpr int kPortRule = 2;

constexpr std::uint64_t bit(int n) { return std::uint64_t{1} << n; }
constexpr std::uint64_t kExecute = bit(0);
constexpr std::uint64_t kReads = bit(2) | bit(3);  // files, folders
constexpr std::uint64_t kWriteFile = bit(1);
constexpr std::uint64_t kRemove = bit(4) | bit(5);
constexpr std::uint64_t kMakeDevices = bit(6) | bit(11);
constexpr std::uint64_t kMake = bit(7) | bit(8) | bit(9) | bit(10) | bit(12);
constexpr std::uint64_t kRefer = bit(13);     // since 2: rename between folders
constexpr std::uint64_t kTruncate = bit(14);  // since 3
constexpr std::uint64_t kIoctl = bit(15);     // since 5: of devices
constexpr std::uint64_t kWrites = kWriteFile | kRemove | kMake | kRefer | kTruncate | kIoctl;
constexpr std::uint64_t kOfFiles = kExecute | kWriteFile | bit(2) | kTruncate | kIoctl;
constexpr std::uint64_t kListen = bit(0);
constexpr std::uint64_t kConnect = bit(1);
constexpr std::uint64_t kScopeAbstract = bit(0);
constexpr std::uint64_t kScopeSignals = bit(1);

std::uint64_t handled_files(int version) {
  auto handled = kExecute | kReads | kWriteFile | kRemove | kMakeDevices | kMake;
  if (version >= 2) handled |= kRefer;
  if (version >= 3) handled |= kTruncate;
  if (version >= 5) handled |= kIoctl;
  return handled;
}

std::uint64_t rights_of(const PathRule& rule) {
  return (rule.read ? kReads : 0) | (rule.write ? kWrites : 0) | (rule.execute ? kExecute : 0);
}

std::size_t size_of_attributes(int version) {
  return version < 4 ? 8 : version < 6 ? 16 : sizeof(RulesetAttributes);
}

std::string error_text(int error) { return std::strerror(error); }

class Ruleset {
 public:
  Ruleset(int version, const RulesetAttributes& attributes)
      : handled_(attributes.files),
        fd_(static_cast<int>(
            ::syscall(SYS_landlock_create_ruleset, &attributes, size_of_attributes(version), 0))) {}
  Ruleset(const Ruleset&) = delete;
  Ruleset& operator=(const Ruleset&) = delete;
  ~Ruleset() {
    if (fd_ >= 0) ::close(fd_);
  }

  bool good() const { return fd_ >= 0; }

  // 0, or what went wrong.
  int allow(const PathRule& rule) {
    const int path = ::open(rule.path.c_str(), O_PATH | O_CLOEXEC);
    if (path < 0) return errno;
    struct stat status {};
    struct statfs system {};
    int error = ::fstat(path, &status) != 0 || ::fstatfs(path, &system) != 0 ? errno : 0;
    const auto possible = S_ISDIR(status.st_mode) ? handled_ : handled_ & kOfFiles;
    const PathAttributes attributes{rights_of(rule) & possible, path};
    if (error == 0 && attributes.allowed != 0 &&
        ::syscall(SYS_landlock_add_rule, fd_, kPathRule, &attributes, 0) != 0) {
      error = errno;
    }
    // The rule is about the inode. That of a file in /proc is made anew when it was forgotten, and
    // it is not forgotten as long as this descriptor has it.
    if (error != 0 || system.f_type != PROC_SUPER_MAGIC) ::close(path);
    return error;
  }

  int allow(std::uint16_t port, std::uint64_t what) {
    const PortAttributes attributes{what, port};
    return ::syscall(SYS_landlock_add_rule, fd_, kPortRule, &attributes, 0) == 0 ? 0 : errno;
  }

  int enter() { return ::syscall(SYS_landlock_restrict_self, fd_, 0) == 0 ? 0 : errno; }

 private:
  std::uint64_t handled_;
  int fd_;
};

RulesetAttributes attributes_for(const Confinement& confinement, int version) {
  RulesetAttributes attributes{handled_files(version), 0, 0};
  if (version >= 4) {
    attributes.ports =
        (confinement.connect.any ? 0 : kConnect) | (confinement.listen.any ? 0 : kListen);
  }
  if (version >= 6) {
    attributes.scoped = kScopeSignals | (confinement.abstract_sockets ? 0 : kScopeAbstract);
  }
  return attributes;
}

void allow_paths(Ruleset& ruleset, const Confinement& confinement, Enforced& enforced) {
  for (const auto& rule : common_paths(confinement)) ruleset.allow(rule);  // where there are any
  for (const auto& rule : confinement.paths) {
    const int error = ruleset.allow(rule);
    if (error == ENOENT || error == ENOTDIR) {
      enforced.gaps.push_back(rule.path +
                              " does not exist, so the permission for it has no effect until the "
                              "worker is started anew");
    } else if (error != 0) {
      enforced.gaps.push_back("the permission for " + rule.path +
                              " has no effect: " + error_text(error));
    }
  }
}

void allow_ports(Ruleset& ruleset, const PortRule& rule, std::uint64_t what, Enforced& enforced) {
  if (rule.any) return;  // not handled at all
  for (const auto port : rule.ports) {
    if (const int error = ruleset.allow(port, what)) {
      enforced.gaps.push_back("the permission for TCP port " + std::to_string(port) +
                              " has no effect: " + error_text(error));
    }
  }
}

// What this version of Landlock cannot do, of what is asked for.
void tell_gaps(const Confinement& confinement, int version, Enforced& enforced) {
  auto& gaps = enforced.gaps;
  const auto& [any_connect, connect_ports] = confinement.connect;
  const auto& [any_listen, listen_ports] = confinement.listen;
  // Without any permission for TCP the filter of system calls lets no such socket be.
  const bool tcp = any_connect || any_listen || !connect_ports.empty() || !listen_ports.empty();
  const bool some_ports = tcp && !(any_connect && (any_listen || listen_ports.empty()));
  if (version < 3) {
    gaps.emplace_back(
        "files that may not be written can be emptied: truncation needs Landlock 3 (Linux 6.2)");
  }
  if (version < 4 && some_ports) {
    gaps.emplace_back("TCP ports are not confined: that needs Landlock 4 (Linux 6.7)");
  }
  if (version < 5) {
    gaps.emplace_back(
        "commands to devices (ioctl) are not confined: that needs Landlock 5 (Linux 6.10)");
  }
  if (version < 6 && confinement.spawn) {
    gaps.emplace_back(
        "signals to other processes of this user are not confined: that needs Landlock 6 (Linux "
        "6.12)");
  }
}

}  // namespace

int landlock_version() {
  const auto version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kVersionFlag);
  return version > 0 ? static_cast<int>(version) : 0;
}

void enter_landlock(const Confinement& confinement, Enforced& enforced) {
  const int version = landlock_version();
  if (version == 0) {
    enforced.gaps.emplace_back(
        "files and TCP ports are not confined: this kernel offers no Landlock (Linux 5.13, and "
        "`landlock` among "
        "the security modules that are switched on)");
    return;
  }
  Ruleset ruleset(version, attributes_for(confinement, version));
  if (!ruleset.good()) {
    enforced.gaps.push_back("files and TCP ports are not confined: Landlock refused: " +
                            error_text(errno));
    return;
  }
  allow_paths(ruleset, confinement, enforced);
  if (version >= 4) {
    allow_ports(ruleset, confinement.connect, kConnect, enforced);
    allow_ports(ruleset, confinement.listen, kListen, enforced);
  }
  if (const int error = ruleset.enter()) {
    enforced.gaps.push_back("files and TCP ports are not confined: Landlock refused: " +
                            error_text(error));
    return;
  }
  enforced.landlock = version;
  enforced.files = true;
  enforced.ports = version >= 4;
  enforced.signals = version >= 6;
  tell_gaps(confinement, version, enforced);
}

}  // namespace unity::worker
