#include "db/spool/simulated_disk.hpp"

#include <algorithm>

namespace unity::test {

using db::spool::File;
using db::spool::FileEntry;
using db::spool::OpenMode;

namespace {

constexpr std::uint64_t kSector = 512;

Error failed(const char* what) { return {Errc::unavailable, what}; }

}  // namespace

class SimulatedFile final : public File {
 public:
  SimulatedFile(SimulatedDisk& disk, std::shared_ptr<SimulatedDisk::Inode> inode,
                std::string locked = {})
      : disk_(disk), inode_(std::move(inode)), locked_(std::move(locked)), life_(disk.life_) {}
  ~SimulatedFile() override {
    if (!locked_.empty() && life_ == disk_.life_) disk_.locked_.erase(locked_);
  }

  Result<std::size_t> write_some(std::string_view bytes, std::uint64_t offset) override {
    using Fault = SimulatedDisk::Fault;
    if (life_ != disk_.life_) return failed("gone");
    const auto fault = disk_.strike();
    if (fault == Fault::crash || fault == Fault::error || fault == Fault::no_space) {
      return failed("simulated error of a write");
    }
    if (fault == Fault::half_write || fault == Fault::short_write) {
      bytes = bytes.substr(0, std::max<std::size_t>(1, bytes.size() / 2));
    }
    const SimulatedDisk::Change change{false, offset, std::string(bytes)};
    SimulatedDisk::apply(inode_->now, change);
    inode_->dirty.push_back(change);
    if (fault == Fault::half_write) return failed("simulated error in the middle of a write");
    return bytes.size();
  }

  Result<std::size_t> read_some(std::span<char> into, std::uint64_t offset) const override {
    using Fault = SimulatedDisk::Fault;
    if (life_ != disk_.life_) return failed("gone");
    const auto fault = disk_.strike();
    if (fault == Fault::crash || fault == Fault::error || fault == Fault::half_write) {
      return failed("simulated error of a read");
    }
    if (offset >= inode_->now.size()) return std::size_t{0};
    auto size = std::min<std::size_t>(into.size(), inode_->now.size() - offset);
    if (fault == Fault::short_write) size = std::max<std::size_t>(1, size / 2);
    inode_->now.copy(into.data(), size, offset);
    return size;
  }

  Result<std::uint64_t> size() const override {
    using Fault = SimulatedDisk::Fault;
    if (life_ != disk_.life_) return failed("gone");
    const auto fault = disk_.strike();
    if (fault == Fault::crash || fault == Fault::error) return failed("simulated error of fstat");
    return inode_->now.size();
  }

  Result<void> sync() override {
    using Fault = SimulatedDisk::Fault;
    if (life_ != disk_.life_) return failed("gone");
    const auto fault = disk_.strike();
    if (fault == Fault::half_write) inode_->dirty.clear();  // the kernel takes them for clean
    if (fault == Fault::crash || fault == Fault::error || fault == Fault::half_write) {
      return failed("simulated error of a sync");
    }
    for (const auto& change : inode_->dirty) SimulatedDisk::apply(inode_->durable, change);
    inode_->dirty.clear();
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    using Fault = SimulatedDisk::Fault;
    if (life_ != disk_.life_) return failed("gone");
    const auto fault = disk_.strike();
    if (fault == Fault::crash || fault == Fault::error || fault == Fault::half_write) {
      return failed("simulated error of a truncate");
    }
    const SimulatedDisk::Change change{true, size, {}};
    SimulatedDisk::apply(inode_->now, change);
    inode_->dirty.push_back(change);
    return {};
  }

 private:
  SimulatedDisk& disk_;
  std::shared_ptr<SimulatedDisk::Inode> inode_;
  std::string locked_;
  std::uint64_t life_;
};

SimulatedDisk::Fault SimulatedDisk::strike() {
  const auto call = calls_++;
  if (frozen_) return Fault::crash;
  if (fault_ == Fault::no_space && call >= fault_at_) return Fault::no_space;
  if (fault_ == Fault::none || call != fault_at_) return Fault::none;
  if (fault_ == Fault::crash || fault_ == Fault::crash_after) frozen_ = true;
  return fault_ == Fault::crash_after ? Fault::none : fault_;
}

void SimulatedDisk::apply(std::string& content, const Change& change) {
  if (change.cut) {
    content.resize(change.offset, '\0');
    return;
  }
  if (content.size() < change.offset + change.bytes.size()) {
    content.resize(change.offset + change.bytes.size(), '\0');
  }
  content.replace(change.offset, change.bytes.size(), change.bytes);
}

void SimulatedDisk::apply(Names& names, const NameChange& change) {
  if (!change.gone.empty()) names.erase(change.gone);
  if (!change.made.empty()) names[change.made] = change.inode;
}

void SimulatedDisk::change_names(NameChange change) {
  apply(now_, change);
  dirty_names_.push_back(std::move(change));
}

void SimulatedDisk::restart(std::mt19937_64& random) {
  // Either all up to a moment, with that write torn, or any of them.
  const bool reordered = random() % 2 == 0;
  const auto survivors = [&](std::size_t count) {
    std::vector<char> kept(count, 0);
    const auto upto = random() % (count + 1);
    for (std::size_t i = 0; i < count; ++i) kept[i] = reordered ? random() % 2 == 0 : i < upto;
    return kept;
  };
  const auto kept_names = survivors(dirty_names_.size());
  std::set<std::shared_ptr<Inode>> inodes;
  for (const auto& [name, inode] : durable_) inodes.insert(inode);
  for (std::size_t i = 0; i < dirty_names_.size(); ++i) {
    if (dirty_names_[i].inode) inodes.insert(dirty_names_[i].inode);
    if (kept_names[i] != 0) apply(durable_, dirty_names_[i]);
  }
  for (const auto& inode : inodes) {
    // A write lands sector by sector.
    std::vector<Change> pieces;
    for (const auto& change : inode->dirty) {
      if (change.cut) {
        pieces.push_back(change);
        continue;
      }
      for (std::uint64_t at = 0; at < change.bytes.size();) {
        const auto size = std::min<std::uint64_t>(change.bytes.size() - at,
                                                  kSector - (change.offset + at) % kSector);
        pieces.push_back({false, change.offset + at, change.bytes.substr(at, size)});
        at += size;
      }
    }
    const auto kept = survivors(pieces.size());
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (kept[i] != 0) apply(inode->durable, pieces[i]);
    }
    inode->dirty.clear();
    inode->now = inode->durable;
  }
  now_ = durable_;
  dirty_names_.clear();
  kill();
}

void SimulatedDisk::kill() {
  locked_.clear();
  ++life_;
  set_fault(Fault::none, 0);
}

std::vector<std::string> SimulatedDisk::names() const {
  std::vector<std::string> names;
  for (const auto& [name, inode] : now_) names.push_back(name);
  return names;
}

std::string& SimulatedDisk::content(const std::string& name) { return now_.at(name)->now; }

void SimulatedDisk::remove(const std::string& name) { now_.erase(name); }

void SimulatedDisk::put(const std::string& name, std::string content) {
  auto& inode = now_[name];
  if (!inode) inode = std::make_shared<Inode>();
  inode->now = std::move(content);
}

std::map<std::string, std::string> SimulatedDisk::copy() const {
  std::map<std::string, std::string> all;
  for (const auto& [name, inode] : now_) all[name] = inode->now;
  return all;
}

Result<std::unique_ptr<File>> SimulatedDisk::open(const std::filesystem::path& path,
                                                  OpenMode mode) {
  const auto fault = strike();
  if (fault == Fault::crash || fault == Fault::error || fault == Fault::half_write) {
    return failed("simulated error of an open");
  }
  const auto found = now_.find(path.string());
  if (found != now_.end()) {
    if (mode == OpenMode::create) return Error{Errc::refused, "exists"};
    return std::unique_ptr<File>(std::make_unique<SimulatedFile>(*this, found->second));
  }
  if (mode == OpenMode::read) return Error{Errc::not_found, "no such file"};
  if (fault == Fault::no_space) return failed("simulated full disk");
  auto inode = std::make_shared<Inode>();
  change_names({{}, path.string(), inode});
  return std::unique_ptr<File>(std::make_unique<SimulatedFile>(*this, std::move(inode)));
}

Result<void> SimulatedDisk::create_folder(const std::filesystem::path&) {
  const auto fault = strike();
  if (fault == Fault::crash || fault == Fault::error) return failed("simulated error of a mkdir");
  return {};
}

Result<std::vector<FileEntry>> SimulatedDisk::list(const std::filesystem::path& folder) {
  const auto fault = strike();
  if (fault == Fault::crash || fault == Fault::error) return failed("simulated error of a list");
  std::vector<FileEntry> found;
  for (const auto& [name, inode] : now_) {
    const std::filesystem::path path = name;
    if (path.parent_path() == folder) {
      found.push_back({path.filename().string(), inode->now.size()});
    }
  }
  return found;
}

Result<void> SimulatedDisk::rename(const std::filesystem::path& from,
                                   const std::filesystem::path& to) {
  const auto fault = strike();
  if (fault == Fault::crash || fault == Fault::error) return failed("simulated error of a rename");
  const auto found = now_.find(from.string());
  if (found == now_.end()) return Error{Errc::not_found, "no such file"};
  change_names({from.string(), to.string(), found->second});
  return {};
}

Result<void> SimulatedDisk::unlink(const std::filesystem::path& path) {
  const auto fault = strike();
  if (fault == Fault::crash || fault == Fault::error) return failed("simulated error of an unlink");
  if (!now_.contains(path.string())) return Error{Errc::not_found, "no such file"};
  change_names({path.string(), {}, nullptr});
  return {};
}

Result<void> SimulatedDisk::sync_folder(const std::filesystem::path&) {
  const auto fault = strike();
  if (fault == Fault::crash || fault == Fault::error || fault == Fault::half_write) {
    return failed("simulated error of a folder's sync");
  }
  for (const auto& change : dirty_names_) apply(durable_, change);
  dirty_names_.clear();
  return {};
}

Result<std::uint64_t> SimulatedDisk::free_bytes(const std::filesystem::path&) {
  const auto fault = strike();
  if (fault == Fault::crash || fault == Fault::error) return failed("simulated error of statvfs");
  return free;
}

Result<std::unique_ptr<File>> SimulatedDisk::lock(const std::filesystem::path& path) {
  auto file = open(path, OpenMode::write);
  if (!file) return file.error();
  if (!locked_.insert(path.string()).second) return Error{Errc::refused, "locked"};
  return std::unique_ptr<File>(
      std::make_unique<SimulatedFile>(*this, now_.at(path.string()), path.string()));
}

}  // namespace unity::test
