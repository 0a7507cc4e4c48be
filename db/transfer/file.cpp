#include "transfer/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace unity::db::transfer {
namespace {

constexpr std::size_t kChunk = std::size_t{256} << 10;
constexpr std::size_t kLineMax = std::size_t{1} << 30;

Error io_error(std::string_view doing, const std::filesystem::path& path, int code) {
  return {code == ENOENT ? Errc::not_found : Errc::unavailable,
          fmt::format("cannot {} {}: {}", doing, path.string(), std::strerror(code))};
}

}  // namespace

Error name_taken(const std::filesystem::path& path) {
  return {Errc::refused,
          fmt::format("cannot write the export {}: there is something of that name; remove it, or "
                      "choose another --output",
                      path.string())};
}

Result<OutputFile> OutputFile::create(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  if (fd < 0) return io_error("create", path, errno);
  auto* file = ::fdopen(fd, "wb");
  if (file == nullptr) return io_error("create", path, errno);
  std::setvbuf(file, nullptr, _IOFBF, kChunk);
  return OutputFile(file, path);
}

Error OutputFile::failed() const { return io_error("write", path_, errno); }

Result<void> OutputFile::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) return failed();
  return {};
}

Result<void> OutputFile::finish() {
  if (std::fflush(file_.get()) != 0 || ::fsync(fileno(file_.get())) != 0) return failed();
  if (std::fclose(file_.release()) != 0) return failed();
  return {};
}

Result<LineReader> LineReader::open(const std::filesystem::path& path) {
  auto* file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return io_error("open", path, errno);
  return LineReader(file, path);
}

Result<bool> LineReader::next(std::string_view& line) {
  for (std::size_t seen = begin_;;) {
    const auto end = buffer_.find('\n', seen);
    if (end != buffer_.npos) {
      line = std::string_view(buffer_).substr(begin_, end - begin_);
      begin_ = end + 1;
      return true;
    }
    buffer_.erase(0, begin_);
    begin_ = 0;
    seen = buffer_.size();
    if (seen > kLineMax) {
      return Error{Errc::refused, fmt::format("{} has a line that is too long", path_.string())};
    }
    buffer_.resize(seen + kChunk);
    const auto got = std::fread(buffer_.data() + seen, 1, kChunk, file_.get());
    buffer_.resize(seen + got);
    if (got > 0) continue;
    if (std::ferror(file_.get()) != 0) return io_error("read", path_, errno);
    if (seen == 0) return false;
    return Error{Errc::refused, fmt::format("{} ends within a line: it was cut", path_.string())};
  }
}

Result<void> sync_to_disk(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return io_error("open", path, errno);
  const int failed = ::fsync(fd) != 0 ? errno : 0;
  ::close(fd);
  if (failed != 0) return io_error("write", path, failed);
  return {};
}

Result<void> give_name(const std::filesystem::path& draft, const std::filesystem::path& path) {
  // Replaces nothing that has come meanwhile, where the file system can tell.
  int failed = ::renameat2(AT_FDCWD, draft.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE);
  if (failed != 0 && errno == EINVAL) failed = std::rename(draft.c_str(), path.c_str());
  if (failed != 0 && errno == EEXIST) return name_taken(path);
  if (failed != 0) return io_error("create", path, errno);
  return sync_to_disk(path.has_parent_path() ? path.parent_path() : ".");
}

Result<std::string> read_file(const std::filesystem::path& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return io_error("open", path, errno);
  std::string text;
  while (true) {
    const auto size = text.size();
    text.resize(size + kChunk);
    const auto got = std::fread(text.data() + size, 1, kChunk, file.get());
    text.resize(size + got);
    if (std::ferror(file.get()) != 0) return io_error("read", path, errno);
    if (got == 0) return text;
    if (text.size() > kLineMax) {
      return Error{Errc::refused, fmt::format("{} is too large", path.string())};
    }
  }
}

}  // namespace unity::db::transfer
