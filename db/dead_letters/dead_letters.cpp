#include "unity/db/dead_letters.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstring>

#include "unity/core/base/time.hpp"
#include "unity/core/json/value.hpp"

namespace unity::db {

Result<void> DeadLetters::append(std::span<const RejectedRecord> rejected) {
  const auto now =
      to_rfc3339(std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()));
  std::string lines;
  for (const auto& record : rejected) {
    lines += R"({"time":")" + now + R"(","reason":)";
    json::append_quoted(lines, record.reason);
    lines += R"(,"detail":)";
    json::append_quoted(lines, record.detail);
    lines += R"(,"record":)";
    json::append_quoted(lines, record.payload);
    lines += "}\n";
  }

  std::error_code ignored;
  const auto size = std::filesystem::file_size(file_, ignored);
  if (!ignored && size + lines.size() > size_max_) {
    auto older = file_;
    std::filesystem::rename(file_, older += ".1", ignored);
  }
  const int fd = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  const bool written =
      fd >= 0 && ::write(fd, lines.data(), lines.size()) == static_cast<ssize_t>(lines.size());
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (written) return {};
  return Error{Errc::unavailable,
               fmt::format("cannot append to {}: {}", file_.string(), std::strerror(error))};
}

}  // namespace unity::db
