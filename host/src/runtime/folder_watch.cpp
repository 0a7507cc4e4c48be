#include "runtime/folder_watch.hpp"

#include <fmt/format.h>
#include <sys/inotify.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace unity::host {
namespace {

// A file that is being written says so only when it is closed.
constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                                  IN_ATTRIB | IN_ONLYDIR;
constexpr std::size_t kEventBytes = 4096;

}  // namespace

FolderWatch::FolderWatch(EventLoop& loop, Duration settle, std::function<void()> changed)
    : events_(loop.context()), settled_(loop), settle_(settle), changed_(std::move(changed)) {
  const int fd = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (fd < 0) return;
  events_.assign(fd);
  await();
}

std::vector<std::string> FolderWatch::watch(const std::vector<std::filesystem::path>& folders) {
  std::vector<std::string> problems;
  for (const auto& folder : folders) {
    if (::inotify_add_watch(events_.native_handle(), folder.c_str(), kEvents) >= 0) continue;
    if (errno == ENOENT || errno == ENOTDIR) continue;
    problems.push_back(fmt::format("{} is not watched for changes: {}", folder.string(),
                                   std::strerror(errno)));
  }
  return problems;
}

void FolderWatch::await() {
  events_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [this](boost::system::error_code error) {
                       if (error) return;
                       std::array<char, kEventBytes> events;
                       while (::read(events_.native_handle(), events.data(), events.size()) > 0) {
                       }
                       settled_.set(std::chrono::steady_clock::now() + settle_, changed_);
                       await();
                     });
}

}  // namespace unity::host
