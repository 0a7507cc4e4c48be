#include "app/boot_counter.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/durable_file.hpp"

namespace unity::host {
namespace {

constexpr std::uint32_t kBootMax = (std::uint32_t{1} << 24) - 1;

}  // namespace

Result<std::uint32_t> count_boot(const std::filesystem::path& state_dir) {
  const auto file = state_dir / "boot-count";
  const auto text = read_if_there(file);
  if (!text) return text.error();
  std::uint32_t last = 0;
  if (*text) {
    const auto& digits = **text;
    const auto* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, last);
    if (error != std::errc() || (stop != end && *stop != '\n') || last >= kBootMax) {
      return Error{Errc::invalid,
                   fmt::format("{} does not hold the count of this host's starts; write a number "
                               "into it that is higher than any before and below {}",
                               file.string(), kBootMax)};
    }
  }
  const auto boot = last + 1;
  if (auto written = write_durably(file, fmt::format("{}\n", boot)); !written) {
    return written.error();
  }
  return boot;
}

}  // namespace unity::host
