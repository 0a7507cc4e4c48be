#include "base/durable_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/file_descriptor.hpp"

namespace unity::host {
namespace {

Error cannot(std::string_view what, const std::filesystem::path& path, int error) {
  return {Errc::unavailable,
          fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(error))};
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<void> replace_file(const std::filesystem::path& path, std::string_view text) {
  auto fresh = path;
  fresh += ".new";
  {
    const FileDescriptor file(
        ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file) return cannot("create", fresh, errno);
    if (!write_all(file.get(), text) || ::fsync(file.get()) != 0) {
      return cannot("write", fresh, errno);
    }
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) return cannot("replace", path, errno);
  const FileDescriptor folder(
      ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return cannot("sync the folder of", path, errno);
  return {};
}

Result<std::optional<std::string>> read_if_present(const std::filesystem::path& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    if (errno == ENOENT) return std::optional<std::string>();
    return cannot("read", path, errno);
  }
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return cannot("read", path, errno);
  return std::optional<std::string>(std::move(text));
}

}  // namespace unity::host
