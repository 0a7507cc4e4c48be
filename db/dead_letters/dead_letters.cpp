#include "unity/db/dead_letters.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstring>

#include "unity/core/base/time.hpp"
#include "unity/core/json/value.hpp"

namespace unity::db {
namespace {

constexpr std::size_t kAppendMax = std::size_t{4} << 20;
constexpr std::size_t kRecordMax = std::size_t{64} << 10;

// After a failure, errno says why.
bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<void> DeadLetters::append(std::span<const RejectedRecord> rejected) {
  const auto now =
      to_rfc3339(std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()));
  std::string lines;
  std::size_t kept = 0;
  for (const auto& record : rejected) {
    if (lines.size() > kAppendMax) break;
    ++kept;
    lines += R"({"time":")" + now + R"(","reason":)";
    json::append_quoted(lines, record.reason);
    lines += R"(,"detail":)";
    json::append_quoted(lines, record.detail);
    lines += R"(,"record":)";
    json::append_quoted(lines, std::string_view(record.payload).substr(0, kRecordMax));
    lines += "}\n";
  }

  const std::lock_guard lock(mutex_);
  std::error_code ignored;
  const auto size = std::filesystem::file_size(file_, ignored);
  if (!ignored && size + lines.size() > size_max_) {
    auto older = file_;
    std::filesystem::rename(file_, older += ".1", ignored);
  }
  const int fd = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  const bool written = fd >= 0 && write_all(fd, lines);
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!written) {
    return Error{Errc::unavailable,
                 fmt::format("cannot append to {}: {}", file_.string(), std::strerror(error))};
  }
  if (kept < rejected.size()) {
    return Error{Errc::refused,
                 fmt::format("{} holds the first {} of {} records that were rejected at once",
                             file_.string(), kept, rejected.size())};
  }
  return {};
}

}  // namespace unity::db
