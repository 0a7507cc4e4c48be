#include "base/words.hpp"

#include <fmt/format.h>

#include <array>

namespace unity::host {

std::string span_text(Duration span) {
  using namespace std::chrono;
  if (span < milliseconds(1)) return "0s";
  if (span < seconds(1)) return fmt::format("{}ms", duration_cast<milliseconds>(span).count());
  if (span < seconds(10)) return fmt::format("{:.1f}s", duration<double>(span).count());
  struct Unit {
    char name;
    seconds length;
  };
  static constexpr std::array<Unit, 4> kUnits{
      {{'d', hours(24)}, {'h', hours(1)}, {'m', minutes(1)}, {'s', seconds(1)}}};
  auto rest = floor<seconds>(span);
  std::string text;
  for (std::size_t i = 0; i < kUnits.size(); ++i) {
    if (text.empty() && rest < kUnits[i].length) continue;
    const bool second = !text.empty();
    const auto count = rest / kUnits[i].length;
    if (!second || count > 0) text += fmt::format("{}{}", count, kUnits[i].name);
    rest %= kUnits[i].length;
    if (second) break;
  }
  return text;
}

std::string count_text(std::uint64_t count) {
  auto text = fmt::to_string(count);
  for (auto at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  static constexpr std::array<const char*, 5> kNames{"kB", "MB", "GB", "TB", "PB"};
  auto amount = static_cast<double>(bytes) / 1000;
  std::size_t i = 0;
  for (; amount >= 999.5 && i + 1 < kNames.size(); ++i) amount /= 1000;
  return fmt::format("{:.{}f} {}", amount, amount < 99.95 ? 1 : 0, kNames[i]);
}

}  // namespace unity::host
