#include "plugin/plugin_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "plugin/elf_note.hpp"
#include "unity/plugin.h"
#include "worker/base/file_descriptor.hpp"

namespace unity::host {
namespace {

constexpr off_t kImageSizeMax = off_t{256} << 20;
constexpr std::uint32_t kAbiMajor = UNITY_ABI_LATEST >> 16;
constexpr std::uint32_t kAbiMinor = UNITY_ABI_LATEST & 0xffff;

// Who else could change it. Sticky folders such as the temporary one are accepted: only the
// owner of an entry can replace it there, and the entry itself is checked as well.
Result<void> check_trust(const std::filesystem::path& path, const struct stat& status) {
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    return Error{Errc::refused,
                 fmt::format("{} belongs to user {}, not to root or to the user of the host; "
                             "change its owner",
                             path.string(), status.st_uid)};
  }
  const bool sticky_folder = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !sticky_folder) {
    return Error{Errc::refused, fmt::format("{} can be written by others; run: chmod go-w {}",
                                            path.string(), path.string())};
  }
  return {};
}

Result<void> check_folders_above(const std::filesystem::path& path) {
  for (auto folder = path.parent_path();; folder = folder.parent_path()) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) {
      return Error{Errc::not_found,
                   fmt::format("cannot look at {}: {}", folder.string(), std::strerror(errno))};
    }
    if (auto trusted = check_trust(folder, status); !trusted) return trusted;
    if (folder == folder.parent_path()) return {};
  }
}

// Whoever has it open for writing is not done with it. The kernel tells those who own the file or
// are privileged, and where the file system can: elsewhere, nothing is known.
bool is_being_written(int fd) {
  // Somebody who opens it between the two calls below would have us killed with SIGIO.
  if (::fcntl(fd, F_SETSIG, SIGURG) != 0) return false;
  if (::fcntl(fd, F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN;
  ::fcntl(fd, F_SETLEASE, F_UNLCK);
  return false;
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

Result<std::string> read_image(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file) {
    const bool link = errno == ELOOP;
    return Error{Errc::not_found, fmt::format("cannot open it: {}",
                                              link ? "it is a symbolic link; name the file itself"
                                                   : std::strerror(errno))};
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return Error{Errc::invalid, "it is not a regular file"};
  }
  if (auto trusted = check_trust(path, status); !trusted) return std::move(trusted).error();
  if (status.st_size > kImageSizeMax) {
    return Error{Errc::invalid,
                 fmt::format("it has {} bytes, more than {}", status.st_size, kImageSizeMax)};
  }
  const Error written{Errc::unavailable, "it is being written; it is read when it is closed"};
  if (is_being_written(file.get())) return written;
  std::string image(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t filled = 0;
  while (filled < image.size()) {
    const auto got = ::read(file.get(), image.data() + filled, image.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Error{Errc::unavailable, "it changed or failed while being read"};
    filled += static_cast<std::size_t>(got);
  }
  struct stat after {};
  const bool whole = ::fstat(file.get(), &after) == 0 && same_file(status, after);
  if (!whole || is_being_written(file.get())) return written;
  return image;
}

Result<void> check_abi(const Manifest& manifest) {
  if (manifest.abi_min_major == kAbiMajor && manifest.abi_min_minor <= kAbiMinor) return {};
  return Error{
      Errc::invalid,
      fmt::format("it needs plugin ABI {}.{}, this host offers {}.{}; {}", manifest.abi_min_major,
                  manifest.abi_min_minor, kAbiMajor, kAbiMinor,
                  manifest.abi_min_major < kAbiMajor ? "rebuild the plugin" : "use a newer host")};
}

// The folders by their real names, so that those which are checked are those which are passed.
// The file's own name stays: if it is a link, it is refused.
std::filesystem::path locate(const std::filesystem::path& given) {
  const auto path = std::filesystem::absolute(given).lexically_normal();
  std::error_code error;
  const auto folder = std::filesystem::canonical(path.parent_path(), error);
  return error ? path : folder / path.filename();
}

Error in_file(const std::filesystem::path& path, const Error& error) {
  return {error.code, fmt::format("cannot use plugin {}: {}", path.string(), error.message)};
}

}  // namespace

Result<PluginFile> read_plugin_file(const std::filesystem::path& given) {
  PluginFile file;
  file.path = locate(given);
  auto image = read_image(file.path);
  if (!image) return in_file(file.path, image.error());
  file.image = std::move(*image);
  if (auto trusted = check_folders_above(file.path); !trusted) {
    return in_file(file.path, trusted.error());
  }
  auto text = read_manifest_note(file.image);
  if (!text) return in_file(file.path, text.error());
  file.manifest_text = std::move(*text);
  auto manifest = parse_manifest(file.manifest_text);
  if (!manifest) {
    return in_file(file.path,
                   {Errc::invalid, "its manifest has mistakes:\n" + manifest.error().message});
  }
  file.manifest = std::move(*manifest);
  if (auto fits = check_abi(file.manifest); !fits) return in_file(file.path, fits.error());
  file.hash = sha256(file.image);
  return file;
}

Result<std::vector<std::filesystem::path>> find_plugin_files(
    std::span<const std::filesystem::path> folders) {
  std::vector<std::filesystem::path> files;
  for (const auto& folder : folders) {
    std::error_code error;
    std::vector<std::filesystem::path> found;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
      if (entry->path().extension() == ".so") found.push_back(entry->path());
    }
    if (error) {
      return Error{Errc::not_found, fmt::format("cannot search {} for plugins: {}; mend "
                                                "`plugin_dirs` or create the folder",
                                                folder.string(), error.message())};
    }
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

}  // namespace unity::host
