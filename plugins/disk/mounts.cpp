#include "disk/mounts.hpp"

#include <algorithm>
#include <set>

#include "support/glob.hpp"

namespace unity::plugins::disk {
namespace {

bool is_octal(char c) { return c >= '0' && c <= '7'; }

// Blanks, backslashes and '#' are written as \040 and the like.
std::string unescape(std::string_view word) {
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] == '\\' && i + 3 < word.size() && is_octal(word[i + 1]) && is_octal(word[i + 2]) &&
        is_octal(word[i + 3])) {
      out += static_cast<char>((word[i + 1] - '0') * 64 + (word[i + 2] - '0') * 8 +
                               (word[i + 3] - '0'));
      i += 3;
    } else {
      out += word[i];
    }
  }
  return out;
}

bool is_excluded(const Mount& mount, const MountRules& rules) {
  if (is_remote(mount.type) && !rules.network) return true;
  if (matches_any(rules.excluded_mounts, mount.point)) return true;
  return mount.point != "/" && matches_any(rules.excluded_types, mount.type);
}

// "tmpfs" and the like name no device: each such mount is a file system of its own.
std::string device_of(const Mount& mount) {
  return mount.source.find('/') != mount.source.npos ? mount.source
                                                     : mount.source + '\0' + mount.point;
}

}  // namespace

std::vector<Mount> parse_mounts(const Text& text) {
  std::vector<Mount> mounts;
  Lines lines(text);
  while (lines.next()) {
    Fields fields(lines.line());
    const auto source = fields.next();
    const auto point = fields.next();
    const auto type = fields.next();
    if (type.empty() || !point.starts_with('/')) lines.malformed("mounts");
    mounts.push_back({unescape(source), unescape(point), unescape(type)});
  }
  return mounts;
}

bool is_remote(std::string_view type) {
  static constexpr std::string_view types[] = {
      "9p",   "afs",    "autofs", "beegfs", "ceph", "cifs",  "coda",     "davfs", "fuse", "gfs2",
      "gpfs", "lustre", "ncpfs",  "nfs",    "nfs4", "ocfs2", "orangefs", "smb3",  "smbfs"};
  return std::find(std::begin(types), std::end(types), type) != std::end(types) ||
         type.starts_with("fuse.");
}

std::vector<Mount> pick_mounts(std::vector<Mount> mounts, const MountRules& rules) {
  std::vector<Mount> picked;
  std::set<std::string> hidden;
  for (auto mount = mounts.rbegin(); mount != mounts.rend(); ++mount) {
    if (!hidden.insert(mount->point).second) mount->type.clear();
  }
  std::set<std::string> devices;
  for (auto& mount : mounts) {
    if (mount.type.empty() || is_excluded(mount, rules)) continue;
    if (devices.insert(device_of(mount)).second) picked.push_back(std::move(mount));
  }
  return picked;
}

}  // namespace unity::plugins::disk
