// A folder of configuration files that is gone after the test.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"
#include "support/temp_dir.hpp"

namespace unity::host {

class ConfigFolder {
 public:
  const std::filesystem::path& path() const { return temp_.path(); }

  std::filesystem::path write(std::string_view name, std::string_view text) const {
    const auto file = temp_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }

  LoadOutcome load(std::string_view text, const Environment& environment = {}) const {
    return load_config(write("unity.yaml", text), environment);
  }

 private:
  test::TempDir temp_;
};

// "file:line:column: error: message", the file without its folder.
inline std::vector<std::string> lines(const LoadOutcome& outcome) {
  std::vector<std::string> out;
  for (auto [severity, location, message] : outcome.diagnostics) {
    location.file = std::filesystem::path(location.file).filename();
    out.push_back(location.text() + (severity == Severity::error ? ": error: " : ": warning: ") +
                  message);
  }
  return out;
}

// The configuration that `text` gives, which must be without faults.
inline Config config_of(std::string_view text, const Environment& environment = {}) {
  const ConfigFolder folder;
  auto outcome = folder.load(text, environment);
  EXPECT_TRUE(outcome.config) << render(outcome.diagnostics, outcome.sources);
  return outcome.config ? std::move(*outcome.config) : Config();
}

inline std::vector<std::string> lines_of(std::string_view text,
                                         const Environment& environment = {}) {
  const ConfigFolder folder;
  return lines(folder.load(text, environment));
}

}  // namespace unity::host
