#include <filesystem>
#include <string>

#include "unity/plugin.hpp"
#include "unity_manifest.h"  // written from plugin.json

namespace {

namespace fs = std::filesystem;
namespace sdk = unity::sdk;

class Folder {
 public:
  Folder(sdk::Host, const sdk::Options& options)
      : path_(options.string("path")), suffix_(options.string("suffix")) {
    if (fs::exists(path_) && !fs::is_directory(path_)) {
      throw sdk::Failure(UNITY_E_CONFIG, "folder.not_a_folder", path_ + " is no folder");
    }
  }

  void collect(sdk::Call call) {
    std::error_code error;
    fs::directory_iterator entries(path_, error);
    if (error) {
      throw sdk::Failure(UNITY_E_TRANSIENT, "folder.unreadable",
                         "cannot read " + path_ + ": " + error.message());
    }
    std::uintmax_t files = 0;
    std::uintmax_t bytes = 0;
    for (const auto& entry : entries) {
      call.end_if_cancelled();
      if (!entry.is_regular_file() || !entry.path().string().ends_with(suffix_)) continue;
      ++files;
      bytes += entry.file_size();
    }
    sdk::Records records;
    records.metric("folder").tag("path", path_).field("files", files).field("bytes", bytes);
    call.emit(records);
  }

 private:
  std::string path_;
  std::string suffix_;
};

}  // namespace

UNITY_PLUGIN(sdk::polled<Folder>("folder"))
