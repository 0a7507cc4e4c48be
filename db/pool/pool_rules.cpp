#include "pool/pool_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "unity/db/pool_state.hpp"

namespace unity::db {
namespace {
constexpr Duration kIdleForLong = std::chrono::seconds(5);
}  // namespace

bool PoolRules::must_ping(Duration idle) const {
  switch (config_.pre_ping) {
    case PrePing::always:
      return true;
    case PrePing::never:
      return false;
    case PrePing::automatic:
      return idle > kIdleForLong;
  }
  return true;
}

Instant PoolRules::retire_at(Instant now) const {
  thread_local std::minstd_rand random{std::random_device()()};
  const auto spread = std::uniform_real_distribution(0.9, 1.1)(random);
  return now + Duration(static_cast<Duration::rep>(
                   static_cast<double>(config_.pool_recycle.count()) * spread));
}

Error PoolRules::exhausted(std::string_view why, std::string_view holder, Duration held) const {
  auto message = fmt::format(
      "cannot get a connection to the database: all {} (pool_size + max_overflow) are in use and "
      "{}",
      config_.pool_size + config_.max_overflow, why);
  if (is_leak(held)) {
    message += fmt::format("; one has been held for {} by {}",
                           to_text(std::chrono::duration_cast<std::chrono::seconds>(held)), holder);
  }
  return {Errc::unavailable, std::move(message)};
}

std::string holder_text(const char* holder, const std::source_location& site) {
  const std::string_view path = site.file_name();
  return fmt::format("{} ({}:{})", holder, path.substr(path.rfind('/') + 1), site.line());
}

void PoolWaits::add(Duration waited) {
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), waited);
  ++counts[static_cast<std::size_t>(bound - kBounds.begin())];
  sum += waited;
}

std::uint64_t PoolWaits::count() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

}  // namespace unity::db
