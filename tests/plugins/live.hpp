// For tests of the collectors against this machine: what they say must lie between what other
// sources say just before and just after. No sleeping, no assumption on how fast the machine is.
#pragma once

#include <gtest/gtest.h>
#include <stdio.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "plugins/collector.hpp"

namespace unity::testing {

inline constexpr double kMegabyte = 1e6;

inline std::string slurp(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline double number_in(const std::string& path) {
  return std::strtod(slurp(path).c_str(), nullptr);
}

// The word at `index` (from 0) of the line that begins with `key`.
inline double word_of(const std::string& text, const std::string& key, int index) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(key, 0) != 0) continue;
    std::istringstream words(line);
    std::string word;
    for (int i = 0; i <= index; ++i) words >> word;
    return std::strtod(word.c_str(), nullptr);
  }
  return -1;
}

// What a tool prints; empty if it is not installed.
inline std::string output_of(const std::string& command) {
  std::string output;
  FILE* pipe = ::popen(("LC_ALL=C " + command + " 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return output;
  std::array<char, 4096> buffer;
  while (const auto size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), size);
  }
  ::pclose(pipe);
  return output;
}

inline std::vector<double> numbers_in(const std::string& text) {
  std::istringstream words(text);
  std::vector<double> numbers;
  for (double number; words >> number;) numbers.push_back(number);
  return numbers;
}

inline void expect_between(double before, double value, double after, double slack,
                           const std::string& what) {
  EXPECT_GE(value, std::min(before, after) - slack) << what;
  EXPECT_LE(value, std::max(before, after) + slack) << what;
}

// A run, and what another source says before and after it.
struct Bracketed {
  double before;
  Emitted emitted;
  double after;
};
inline Bracketed bracket(Collector& collector, const std::function<double()>& source) {
  const auto before = source();
  auto emitted = collector.run();
  return {before, std::move(emitted), source()};
}

inline const std::string kLive = R"({"root":"/"})";

}  // namespace unity::testing
