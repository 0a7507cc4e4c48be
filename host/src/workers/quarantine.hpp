// Which plugin files have brought down too many of the processes that ran them, and are therefore
// not run any more until an operator says so. Known by what is in the file, not by its name: a
// mended one is another. Survives the host.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plugin/plugin_image.hpp"
#include "unity/core/base/result.hpp"
#include "unity/core/base/time.hpp"
#include "unity/core/json/value.hpp"

namespace unity::host {

// What a plugin did to the process that ran it.
struct Offence {
  Time at{};
  std::string instance;
  std::string reason;  // "killed by signal 11 (Segmentation fault) in collect()"
  int signal = 0;
  std::vector<std::string> backtrace;
  std::vector<std::string> last_output;
};

struct OffenderRecord {
  std::string hash;  // hex
  std::string plugin;
  std::string path;
  bool quarantined = false;
  Time since{};
  std::vector<Offence> offences;  // the newest last
};

// Those that count towards its quarantine at `now`: of the last ten minutes, and after its release.
std::size_t recent_offences(const OffenderRecord& record, Time now);

// Any thread.
class Quarantine {
 public:
  // `after`: so many offences within ten minutes; 0: never. What the file says already counts; one
  // that cannot be read is put aside with a warning in the log.
  Quarantine(std::filesystem::path file, int after);

  // Why the file is not run; nothing if it may.
  std::optional<std::string> reason(const Sha256& hash) const;
  // Counts an offence. True if the file is in quarantine now.
  bool offend(const PluginImage& image, Offence offence);
  // At once, for a file that does not even survive being loaded.
  void condemn(const PluginImage& image, Offence offence);
  std::vector<OffenderRecord> list() const;
  // By the plugin's id or the beginning of the hash (at least 8 digits). The plugins that are free
  // now. Errors: not_found.
  Result<std::vector<std::string>> release(std::string_view what);

 private:
  bool note(const PluginImage& image, Offence offence);
  OffenderRecord& record(const PluginImage& image);  // under the lock
  // Not under the lock, which each run takes: the disk may keep it waiting.
  void save() const;

  const std::filesystem::path file_;
  const int after_;
  mutable std::mutex save_mutex_;
  mutable std::mutex mutex_;
  std::map<std::string, OffenderRecord> records_;  // by hash
};

json::Value to_json(const OffenderRecord& record);

// Where a host keeps it.
inline std::filesystem::path quarantine_file(const std::filesystem::path& state_dir) {
  return state_dir / "quarantine.json";
}

// What a folder's quarantine says, without a host. Errors: unavailable, invalid.
Result<std::vector<OffenderRecord>> read_quarantine(const std::filesystem::path& file);

}  // namespace unity::host
