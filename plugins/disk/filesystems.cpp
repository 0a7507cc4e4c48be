#include "disk/filesystems.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>

#include "support/reading.hpp"

namespace unity::plugins::disk {
namespace {

// As df: what is reserved for root counts neither as used nor as available.
double used_percent(std::uint64_t used, std::uint64_t available) {
  const auto usable = static_cast<double>(used) + static_cast<double>(available);
  return usable == 0 ? 0 : 100 * static_cast<double>(used) / usable;
}

}  // namespace

Filesystems::Filesystems(const Root& root, MountRules rules)
    : root_(root), rules_(std::move(rules)), mounts_(root.namespaced("mounts")) {}

void Filesystems::collect(const sdk::Call& call, sdk::Records& records) {
  const auto text = mounts_.read();
  if (!text) return;
  if (text->body != mounts_text_) refresh(*text);
  for (const auto& target : targets_) {
    stop_if_cancelled(call, "unity.disk");
    measure(target, records);
  }
}

void Filesystems::refresh(const Text& mounts) {
  auto picked = pick_mounts(parse_mounts(mounts), rules_);
  targets_.clear();
  for (const auto& mount : picked) {
    targets_.push_back({mount.source, mount.point, mount.type, root_.path(mount.point)});
  }
  mounts_text_ = mounts.body;
}

// A mount that cannot be asked is left out: it may be gone by now, or another user's.
void Filesystems::measure(const Target& target, sdk::Records& records) {
  struct statvfs status {};
  int result = 0;
  do {
    result = ::statvfs(target.path.c_str(), &status);
  } while (result != 0 && errno == EINTR);
  if (result != 0 || status.f_blocks == 0) return;  // no blocks: it stores nothing

  const auto bytes = [&](fsblkcnt_t blocks) { return std::uint64_t{blocks} * status.f_frsize; };
  const auto used = status.f_blocks - std::min(status.f_bfree, status.f_blocks);
  records.metric("filesystem")
      .tag("mount", target.point)
      .tag("source", target.source)
      .tag("type", target.type)
      .field("total", bytes(status.f_blocks))
      .field("used", bytes(used))
      .field("free", bytes(status.f_bfree))
      .field("available", bytes(status.f_bavail))
      .field("used_percent", used_percent(used, status.f_bavail))
      .field("read_only", (status.f_flag & ST_RDONLY) != 0);

  if (status.f_files == 0) return;  // btrfs and others make inodes as needed
  const auto inodes_used = status.f_files - std::min(status.f_ffree, status.f_files);
  records.metric("inodes")
      .tag("mount", target.point)
      .tag("source", target.source)
      .tag("type", target.type)
      .field("total", std::uint64_t{status.f_files})
      .field("used", std::uint64_t{inodes_used})
      .field("free", std::uint64_t{status.f_ffree})
      .field("used_percent", used_percent(inodes_used, status.f_favail));
}

}  // namespace unity::plugins::disk
