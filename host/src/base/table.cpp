#include "base/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace unity::host {
namespace {

// Code points, which is what a terminal shows for all but wide scripts.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string cut(std::string line, std::size_t width) {
  if (width == 0) return line;
  std::size_t seen = 0;
  std::size_t last = 0;  // where the last column that fits begins
  for (std::size_t i = 0; i < line.size(); ++i) {
    if ((line[i] & 0xc0) == 0x80) continue;
    if (seen == width - 1) last = i;
    if (++seen > width) return line.substr(0, last) + "…";
  }
  return line;
}

}  // namespace

std::string Table::to_text(std::size_t width) const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - columns(row[i]) + 2, ' ');
    }
    text += cut(std::move(line), width) + "\n";
  }
  return text;
}

std::string short_number(double number) {
  constexpr std::array<std::string_view, 6> suffixes{"", "k", "M", "G", "T", "P"};
  std::size_t scale = 0;
  while (std::abs(number) >= 9999.5 && scale + 1 < suffixes.size()) {
    number /= 1000;
    ++scale;
  }
  return fmt::format("{:.4g}{}", number, suffixes[scale]);
}

}  // namespace unity::host
