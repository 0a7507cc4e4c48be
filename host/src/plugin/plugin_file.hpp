// A plugin's file as it lies on disk: found, checked and read, with nothing of it run.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/core/base/sha256.hpp"
#include "unity/core/model/manifest.hpp"

namespace unity::host {

struct PluginFile {
  std::filesystem::path path;
  std::string image;          // the bytes that were checked are the bytes that will be loaded
  Sha256 hash{};              // of the image
  std::string manifest_text;  // as in the ELF note
  Manifest manifest;
};

// Opens the file once, refuses it if others could write it or a folder above it, reads it whole,
// and reads, parses and checks its manifest, including the ABI it needs. Each error says which
// of these failed and what to do.
Result<PluginFile> read_plugin_file(const std::filesystem::path& path);

// Every *.so directly in the folders, sorted by name within each; a later folder does not hide
// an earlier one's file. Errors name the folder.
Result<std::vector<std::filesystem::path>> find_plugin_files(
    std::span<const std::filesystem::path> folders);

}  // namespace unity::host
