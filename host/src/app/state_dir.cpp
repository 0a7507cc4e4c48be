#include "app/state_dir.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <array>
#include <cstring>

namespace unity::host {
namespace {

Error unusable(const std::filesystem::path& path, std::string_view why) {
  return {Errc::invalid,
          fmt::format("cannot use the state folder {}: {}; name another with `state_dir`, or make "
                      "it writable for user {}",
                      path.string(), why, ::geteuid())};
}

// The process id that the holder of the lock wrote, for people.
std::string holder(int fd) {
  std::array<char, 16> text{};
  const auto got = ::pread(fd, text.data(), text.size() - 1, 0);
  return got > 0 ? std::string(text.data(), std::strcspn(text.data(), "\n")) : "unknown";
}

}  // namespace

Result<StateDir> StateDir::acquire(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return unusable(path, error.message());
  const auto file = path / "unity.lock";
  FileDescriptor lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  if (!lock) return unusable(path, std::strerror(errno));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{Errc::refused,
                 fmt::format("another host (process {}) already runs on the state folder {}; stop "
                             "it or name another folder with `state_dir`",
                             holder(lock.get()), path.string())};
  }
  const auto id = fmt::format("{}\n", ::getpid());
  if (::ftruncate(lock.get(), 0) != 0 ||
      ::pwrite(lock.get(), id.data(), id.size(), 0) != static_cast<ssize_t>(id.size())) {
    return unusable(path, std::strerror(errno));
  }
  return StateDir(path, std::move(lock));
}

}  // namespace unity::host
