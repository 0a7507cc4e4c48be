#include "spool/file_system.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace unity::db::spool {
namespace {

Error failure(std::string_view attempt, const std::filesystem::path& path, int number = errno) {
  return {number == ENOENT ? Errc::not_found : Errc::unavailable,
          fmt::format("cannot {} {}: {}", attempt, path.string(), std::strerror(number))};
}

class RealFile final : public File {
 public:
  RealFile(int fd, std::filesystem::path path) : fd_(fd), path_(std::move(path)) {}
  RealFile(const RealFile&) = delete;
  RealFile& operator=(const RealFile&) = delete;
  ~RealFile() override { ::close(fd_); }

  Result<std::size_t> write_some(std::string_view bytes, std::uint64_t offset) override {
    while (true) {
      const auto done = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (done > 0 || bytes.empty()) return static_cast<std::size_t>(done);
      if (done == 0) return failure("write", path_, ENOSPC);
      if (errno != EINTR) return failure("write", path_);
    }
  }
  Result<std::size_t> read_some(std::span<char> into, std::uint64_t offset) const override {
    while (true) {
      const auto done = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(offset));
      if (done >= 0) return static_cast<std::size_t>(done);
      if (errno != EINTR) return failure("read", path_);
    }
  }
  Result<std::uint64_t> size() const override {
    struct stat info {};
    if (::fstat(fd_, &info) != 0) return failure("ask for the size of", path_);
    return static_cast<std::uint64_t>(info.st_size);
  }
  Result<void> sync() override {
    if (::fdatasync(fd_) != 0) return failure("sync", path_);
    return {};
  }
  Result<void> truncate(std::uint64_t size) override {
    if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return failure("shorten", path_);
    return {};
  }

  int fd() const { return fd_; }

 private:
  int fd_;
  std::filesystem::path path_;
};

class RealFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) override {
    auto file = open_file(path, mode);
    if (!file) return file.error();
    return std::unique_ptr<File>(std::move(*file));
  }

  Result<void> create_folder(const std::filesystem::path& path) override {
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    if (error) return failure("create the folder of", path, error.value());
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failure("create", path);
    return {};
  }

  Result<std::vector<FileEntry>> list(const std::filesystem::path& folder) override {
    std::error_code error;
    std::vector<FileEntry> found;
    for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
         at.increment(error)) {
      struct stat info {};
      // What went away meanwhile is not there.
      if (::lstat(at->path().c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
      found.push_back({at->path().filename().string(), static_cast<std::uint64_t>(info.st_size)});
    }
    if (error) return failure("list", folder, error.value());
    return found;
  }

  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return failure("rename", from);
    return {};
  }
  Result<void> unlink(const std::filesystem::path& path) override {
    if (::unlink(path.c_str()) != 0) return failure("delete", path);
    return {};
  }

  Result<void> sync_folder(const std::filesystem::path& folder) override {
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return failure("open", folder);
    const RealFile owner(fd, folder);
    if (::fsync(fd) != 0) return failure("sync", folder);
    return {};
  }

  Result<std::uint64_t> free_bytes(const std::filesystem::path& folder) override {
    struct statvfs info {};
    if (::statvfs(folder.c_str(), &info) != 0) return failure("ask for the free space of", folder);
    return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
  }

  Result<std::unique_ptr<File>> lock(const std::filesystem::path& path) override {
    auto file = open_file(path, OpenMode::write);
    if (!file) return file.error();
    if (::flock((*file)->fd(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return failure("lock", path);
      std::array<char, 16> text{};
      const auto got = (*file)->read_some({text.data(), text.size() - 1}, 0);
      const std::string holder =
          got && *got > 0 ? std::string(text.data(), std::strcspn(text.data(), "\n")) : "unknown";
      return Error{Errc::refused,
                   fmt::format("the spool {} belongs to process {}; stop it first, or name another "
                               "folder",
                               path.parent_path().string(), holder)};
    }
    const auto id = fmt::format("{}\n", ::getpid());
    const auto emptied = (*file)->truncate(0);
    if (!emptied) return emptied.error();
    const auto written = write_all(**file, id, 0);
    if (!written) return written.error();
    return std::unique_ptr<File>(std::move(*file));
  }

 private:
  static Result<std::unique_ptr<RealFile>> open_file(const std::filesystem::path& path,
                                                     OpenMode mode) {
    int flags = O_RDONLY | O_CLOEXEC;
    if (mode == OpenMode::write) flags = O_RDWR | O_CREAT | O_CLOEXEC;
    if (mode == OpenMode::create) flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
    const int fd = ::open(path.c_str(), flags, 0600);
    if (fd < 0 && errno == EEXIST) {
      return Error{Errc::refused, fmt::format("cannot create {}: it exists", path.string())};
    }
    if (fd < 0) return failure(mode == OpenMode::read ? "open" : "create", path);
    return std::make_unique<RealFile>(fd, path);
  }
};

}  // namespace

FileSystem& real_file_system() {
  static RealFileSystem instance;
  return instance;
}

Result<void> write_all(File& file, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const auto done = file.write_some(bytes, offset);
    if (!done) return done.error();
    bytes.remove_prefix(*done);
    offset += *done;
  }
  return {};
}

Result<std::size_t> read_fully(const File& file, std::span<char> into, std::uint64_t offset) {
  std::size_t got = 0;
  while (got < into.size()) {
    const auto done = file.read_some(into.subspan(got), offset + got);
    if (!done) return done.error();
    if (*done == 0) break;
    got += *done;
  }
  return got;
}

}  // namespace unity::db::spool
