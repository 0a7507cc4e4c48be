#include "support/kept_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace unity::plugins {
namespace {

constexpr std::size_t kFirstBuffer = 512;  // most files of /sys are a word

[[noreturn]] void fail(std::string_view action, const std::string& path, int error) {
  throw ReadError("cannot " + std::string(action) + " " + path + ": " +
                  std::generic_category().message(error));
}

}  // namespace

KeptFile::KeptFile(KeptFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      buffer_(std::move(other.buffer_)),
      size_(other.size_) {}

KeptFile& KeptFile::operator=(KeptFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(buffer_, other.buffer_);
  std::swap(size_, other.size_);
  return *this;
}

std::optional<Text> KeptFile::read() {
  // A descriptor outlives the device or process behind it; the path may lead to a new one.
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (fd_ < 0 && !open()) return std::nullopt;
    switch (fill()) {
      case Outcome::done:
        return Text{path_, {buffer_.data(), size_}};
      case Outcome::unsupported:
        return std::nullopt;
      case Outcome::stale:
        release();
    }
  }
  return std::nullopt;
}

Text KeptFile::require() {
  const auto text = read();
  if (!text) fail("open", path_, ENOENT);
  return *text;
}

bool KeptFile::open() {
  fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ >= 0) return true;
  if (errno != ENOENT && errno != ENOTDIR && errno != EOPNOTSUPP) fail("open", path_, errno);
  return false;
}

// The kernel hands out long files in pages, so only an empty read is the end.
KeptFile::Outcome KeptFile::fill() {
  if (buffer_.empty()) buffer_.resize(kFirstBuffer);
  size_ = 0;
  while (true) {
    if (size_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
    const auto got =
        ::pread(fd_, buffer_.data() + size_, buffer_.size() - size_, static_cast<off_t>(size_));
    if (got == 0) return Outcome::done;
    if (got > 0) {
      size_ += static_cast<std::size_t>(got);
    } else if (errno == ENODEV || errno == ESRCH) {
      return Outcome::stale;
    } else if (errno == EOPNOTSUPP || errno == EINVAL) {
      return Outcome::unsupported;
    } else if (errno != EINTR) {
      fail("read", path_, errno);
    }
  }
}

void KeptFile::release() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

}  // namespace unity::plugins
