#include "unity/core/base/size.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace unity {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};
// Largest first, each decimal one before the binary one that is a little larger.
constexpr std::array<Unit, 9> kUnits{{{"TiB", std::uint64_t{1} << 40},
                                      {"TB", 1'000'000'000'000},
                                      {"GiB", std::uint64_t{1} << 30},
                                      {"GB", 1'000'000'000},
                                      {"MiB", std::uint64_t{1} << 20},
                                      {"MB", 1'000'000},
                                      {"KiB", std::uint64_t{1} << 10},
                                      {"kB", 1'000},
                                      {"B", 1}}};

constexpr double kLargest = 9.2e18;

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  double amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
  if (error != std::errc() || !std::isfinite(amount) || amount < 0) return std::nullopt;
  std::string_view name(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (name.starts_with(' ')) {
    name.remove_prefix(1);
    if (name.empty()) return std::nullopt;
  }
  if (name == "KB") name = "kB";
  for (const auto& unit : kUnits) {
    if (unit.name != (name.empty() ? "B" : name)) continue;
    const double bytes = amount * static_cast<double>(unit.bytes);
    if (bytes > kLargest) return std::nullopt;
    return static_cast<std::uint64_t>(std::llround(bytes));
  }
  return std::nullopt;
}

std::string size_text(std::uint64_t bytes) {
  for (const auto& unit : kUnits) {
    if (bytes != 0 && bytes % unit.bytes == 0) {
      return fmt::format("{}{}", bytes / unit.bytes, unit.name);
    }
  }
  return "0B";
}

}  // namespace unity
