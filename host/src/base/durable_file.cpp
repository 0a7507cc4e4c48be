#include "base/durable_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "worker/base/file_descriptor.hpp"

namespace unity::host {
namespace {

constexpr std::size_t kFileMax = std::size_t{256} << 20;

Error failed(std::string_view what, const std::filesystem::path& file) {
  return {Errc::unavailable,
          fmt::format("cannot {} {}: {}", what, file.string(), std::strerror(errno))};
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto done = ::write(fd, text.data(), text.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(done));
  }
  return true;
}

}  // namespace

Result<void> write_durably(const std::filesystem::path& file, std::string_view text) {
  auto draft = file;
  draft += ".new";
  const FileDescriptor fd(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
  if (!fd || !write_all(fd.get(), text) || ::fsync(fd.get()) != 0) return failed("write", draft);
  if (::rename(draft.c_str(), file.c_str()) != 0) return failed("replace", file);
  // The new name is durable once its folder is.
  const FileDescriptor folder(
      ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return failed("make durable", file);
  return {};
}

Result<std::optional<std::string>> read_if_there(const std::filesystem::path& file) {
  const FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::optional<std::string>();
  if (!fd) return failed("read", file);
  std::string text;
  std::array<char, 65536> chunk;
  for (;;) {
    const auto got = ::read(fd.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", file);
    if (got == 0) return std::optional(std::move(text));
    text.append(chunk.data(), static_cast<std::size_t>(got));
    if (text.size() > kFileMax) {
      return Error{Errc::invalid, fmt::format("cannot read {}: it is too large to be a file of the "
                                              "host's own",
                                              file.string())};
    }
  }
}

}  // namespace unity::host
