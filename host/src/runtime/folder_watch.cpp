#include "runtime/folder_watch.hpp"

#include <fmt/format.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace unity::host {
namespace {

// A file that is being written says so only when it is closed.
constexpr std::uint32_t kFileEvents =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_CREATE;
// Of the one above: whether the folder itself comes or goes.
constexpr std::uint32_t kFolderEvents = IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE;
constexpr std::size_t kEventBytes = 4096;

}  // namespace

FolderWatch::FolderWatch(EventLoop& loop, Duration settle, std::function<void()> changed)
    : events_(loop.context()), settled_(loop), settle_(settle), changed_(std::move(changed)) {
  const int fd = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (fd < 0) return;
  events_.assign(fd);
  await();
}

std::vector<std::string> FolderWatch::watch(std::vector<WatchedFolder> folders) {
  folders_ = std::move(folders);
  for (auto& folder : folders_) {
    folder.path = std::filesystem::absolute(folder.path).lexically_normal();
    if (!folder.path.has_filename()) folder.path = folder.path.parent_path();  // "plugins/"
  }
  return add_all();
}

std::vector<std::string> FolderWatch::add_all() {
  std::vector<std::string> problems;
  for (const auto& folder : folders_) {
    (void)add(folder.path.parent_path(), kFolderEvents);
    if (add(folder.path, kFileEvents) >= 0 || errno == ENOENT || errno == ENOTDIR) continue;
    problems.push_back(fmt::format("{} is not watched for changes: {}", folder.path.string(),
                                   std::strerror(errno)));
  }
  return problems;
}

int FolderWatch::add(const std::filesystem::path& folder, std::uint32_t events) {
  const int number = ::inotify_add_watch(events_.native_handle(), folder.c_str(),
                                         events | IN_ONLYDIR | IN_MASK_ADD);
  if (number >= 0) watched_[number] = folder;
  return number;
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
      if ((event.mask & IN_Q_OVERFLOW) != 0) changed = folders = true;  // nobody knows what
      const auto folder = watched_.find(event.wd);
      if (folder == watched_.end() || event.len == 0) continue;
      if ((event.mask & IN_ISDIR) != 0 && is_watched_folder(folder->second / event.name)) {
        changed = folders = true;
      }
      changed = changed || matters(folder->second, event.mask, event.name);
    }
  }
  if (folders) add_all();
  if (changed) settled_.set(std::chrono::steady_clock::now() + settle_, changed_);
}

bool FolderWatch::is_watched_folder(const std::filesystem::path& path) const {
  return std::any_of(folders_.begin(), folders_.end(),
                     [&](const WatchedFolder& one) { return one.path == path; });
}

bool FolderWatch::matters(const std::filesystem::path& folder, std::uint32_t what,
                          const char* name) const {
  const bool ours = std::any_of(folders_.begin(), folders_.end(), [&](const WatchedFolder& one) {
    return one.path == folder && one.files.take(name);
  });
  if (!ours || (what & IN_CREATE) == 0) return ours;
  // A file that was created is empty as yet, unless it is another name of one that was there.
  struct stat status {};
  if (::lstat((folder / name).c_str(), &status) != 0) return false;
  return S_ISLNK(status.st_mode) || status.st_nlink > 1;
}

}  // namespace unity::host
