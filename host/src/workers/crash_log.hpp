// The mapped page of a worker (or of the host's own plugins), as a file in the state folder: what
// was going on when both died is still there at the next start.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plugin/plugin_image.hpp"
#include "unity/core/base/result.hpp"
#include "worker/base/file_descriptor.hpp"
#include "worker/runtime/slot_page.hpp"

namespace unity::host {

class SlotFile {
 public:
  // Errors: unavailable.
  static Result<SlotFile> create(const std::filesystem::path& folder, const std::string& name);
  SlotFile(SlotFile&& other) noexcept;
  SlotFile& operator=(SlotFile&&) = delete;
  ~SlotFile();  // removes the file: nothing is left to be blamed

  SlotPage& page() { return *page_; }
  const SlotPage& page() const { return *page_; }
  int fd() const { return file_.get(); }

 private:
  SlotFile(std::filesystem::path path, FileDescriptor file, SlotPage* page)
      : path_(std::move(path)), file_(std::move(file)), page_(page) {}

  std::filesystem::path path_;
  FileDescriptor file_;
  SlotPage* page_;
};

// A run that was in a plugin when its process ended.
struct InFlight {
  std::string instance;
  std::string phase;
  std::uint64_t run = 0;
  Time started{};
  bool in_host = false;  // inline; else in a worker, which died with the host
  bool crashed = false;  // in this one, by `signal`
  int signal = 0;
  std::vector<std::string> backtrace = {};
};
// What lies in the folder from a host that did not end well; the files are removed.
std::vector<InFlight> take_left_behind(const std::filesystem::path& folder);

// By the numbers that they have in the process.
using ImagesByNumber = std::map<std::uint32_t, std::shared_ptr<const PluginImage>>;

struct Backtrace {
  // One a frame, "#3 parse_row at example.so+0x1a2b", down to the last that is a plugin's.
  // Functions that a plugin does not export are found in the symbols of its image, if it has any.
  std::vector<std::string> lines;
  std::shared_ptr<const PluginImage> plugin;  // of the first frame that is one's; or null
};
Backtrace backtrace_of(const SlotPage& page, const ImagesByNumber& images);

std::string phase_text(Phase phase);

}  // namespace unity::host
