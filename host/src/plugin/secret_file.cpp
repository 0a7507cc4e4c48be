#include "plugin/secret_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>

#include "unity/core/base/sha256.hpp"
#include "worker/base/file_descriptor.hpp"

namespace unity::host {
namespace {

Error failed(const std::filesystem::path& path, Errc code, std::string_view why) {
  return {code, fmt::format("cannot read the secret in {}: {}", path.string(), why)};
}

}  // namespace

Result<LockedText> read_secret_file(const std::filesystem::path& path) {
  // Not blocking: a FIFO would wait for a writer.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return failed(path, Errc::unavailable, std::strerror(errno));
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    return failed(path, Errc::unavailable, std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) return failed(path, Errc::invalid, "it is not a regular file");
  // A file of somebody else's that only our group may read was given to us that way.
  const mode_t forbidden = status.st_uid == ::geteuid() ? 077 : 007;
  if ((status.st_mode & forbidden) != 0) {
    return failed(path, Errc::refused,
                  fmt::format("others may access it (mode {:04o}); run `chmod 600 {}`",
                              status.st_mode & 07777, path.string()));
  }
  auto text = LockedText::with_room(kSecretSizeMax + 1);
  std::size_t size = 0;
  while (size <= kSecretSizeMax) {
    const auto got = ::read(file.get(), text.data() + size, kSecretSizeMax + 1 - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path, Errc::unavailable, std::strerror(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kSecretSizeMax) {
    return failed(path, Errc::invalid,
                  fmt::format("it has more than {} KiB", kSecretSizeMax >> 10));
  }
  if (size > 0 && text.data()[size - 1] == '\n') --size;
  if (size > 0 && text.data()[size - 1] == '\r') --size;
  if (size == 0) return failed(path, Errc::invalid, "it is empty");
  // In as few pages as it needs.
  text.resize(size);
  return LockedText(text.view());
}

std::string secret_fingerprint(std::string_view value) {
  static const auto salt = [] {
    std::random_device device;
    return fmt::format("{:08x}{:08x}{:08x}{:08x}", device(), device(), device(), device());
  }();
  auto text = LockedText::with_room(salt.size() + value.size());
  std::copy(value.begin(), value.end(), std::copy(salt.begin(), salt.end(), text.data()));
  return to_hex(sha256(text.view()));
}

}  // namespace unity::host
