#include "pool/pool_rules.hpp"

#include <fmt/format.h>

#include <random>

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
  if (held >= config_.leak_warn_after) {
    message += fmt::format("; one has been held for {} to {}",
                           to_text(std::chrono::duration_cast<std::chrono::seconds>(held)), holder);
  }
  return {Errc::unavailable, std::move(message)};
}

}  // namespace unity::db
