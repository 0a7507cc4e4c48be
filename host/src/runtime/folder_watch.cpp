#include "runtime/folder_watch.hpp"

#include <fmt/format.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace unity::host {
namespace {

// A file that is being written says so only when it is closed.
constexpr std::uint32_t kEvents =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_CREATE | IN_ONLYDIR;
constexpr std::size_t kEventBytes = 4096;

}  // namespace

FolderWatch::FolderWatch(EventLoop& loop, Duration settle, std::function<void()> changed)
    : events_(loop.context()), settled_(loop), settle_(settle), changed_(std::move(changed)) {
  const int fd = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (fd < 0) return;
  events_.assign(fd);
  await();
}

std::vector<std::string> FolderWatch::watch(std::vector<std::filesystem::path> folders) {
  folders_ = std::move(folders);
  return add_all();
}

std::vector<std::string> FolderWatch::add_all() {
  std::vector<std::string> problems;
  for (const auto& folder : folders_) {
    const int number = ::inotify_add_watch(events_.native_handle(), folder.c_str(), kEvents);
    if (number >= 0) {
      watched_[number] = folder;
    } else if (errno != ENOENT && errno != ENOTDIR) {
      problems.push_back(
          fmt::format("{} is not watched for changes: {}", folder.string(), std::strerror(errno)));
    }
  }
  return problems;
}

void FolderWatch::await() {
  events_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [this](boost::system::error_code error) {
                       if (error) return;
                       read_events();
                       await();
                     });
}

void FolderWatch::read_events() {
  alignas(inotify_event) std::array<char, kEventBytes> events;
  bool changed = false;
  bool folders = false;
  ssize_t got = 0;
  while ((got = ::read(events_.native_handle(), events.data(), events.size())) > 0) {
    for (ssize_t at = 0; at < got;) {
      const auto& event = *reinterpret_cast<const inotify_event*>(events.data() + at);
      at += static_cast<ssize_t>(sizeof event + event.len);
      changed = changed || matters(event.wd, event.mask, event.len > 0 ? event.name : "");
      folders = folders || (event.mask & IN_ISDIR) != 0;
    }
  }
  if (folders) add_all();
  if (changed) settled_.set(std::chrono::steady_clock::now() + settle_, changed_);
}

// A file that was created is empty as yet, unless it is another name of one that was there.
bool FolderWatch::matters(int folder, std::uint32_t what, const char* name) const {
  if ((what & IN_IGNORED) != 0) return false;
  if ((what & IN_CREATE) == 0 || (what & IN_ISDIR) != 0) return true;
  const auto found = watched_.find(folder);
  struct stat status {};
  if (found == watched_.end() || ::lstat((found->second / name).c_str(), &status) != 0)
    return false;
  return S_ISLNK(status.st_mode) || status.st_nlink > 1;
}

}  // namespace unity::host
