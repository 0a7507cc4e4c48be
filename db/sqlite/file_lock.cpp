#include "sqlite/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace unity::db {
namespace {

Error failed(std::string_view what, const std::filesystem::path& path) {
  const int reason = errno;
  const auto folder = std::filesystem::absolute(path).parent_path().string();
  const auto advice =
      reason == ENOENT || reason == ENOTDIR
          ? fmt::format("; create the folder {}", folder)
          : fmt::format("; the host's user must be able to write to the folder {}", folder);
  return {Errc::unavailable,
          fmt::format("cannot {} {}: {}{}", what, path.string(), std::strerror(reason), advice)};
}

}  // namespace

Result<FileLock> FileLock::open(const std::filesystem::path& database, std::string_view suffix) {
  auto path = fmt::format("{}{}", database.string(), suffix);
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return failed("create", path);
  return FileLock(fd, std::move(path));
}

FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

Result<bool> FileLock::try_lock() {
  while (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) return failed("lock", path_);
  }
  return true;
}

void FileLock::unlock() { flock(fd_, LOCK_UN); }

}  // namespace unity::db
