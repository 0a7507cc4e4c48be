// What the runs of a collector instance came to. What the schedule makes of it is in
// condition.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "unity/core/ports/collector.hpp"

namespace unity {

// From best to worst.
enum class HealthState : std::uint8_t { healthy, degraded, paused, quarantined, wedged };
std::string_view to_text(HealthState state);

class Health {
 public:
  void ran(const RunResult& result, Time at);
  // The run in flight ignores its cancellation; no other is started until it returns.
  void wedged(std::string reason);
  // A stream that has been running since `at` delivers.
  void streams(Time at);

  HealthState state() const { return state_; }
  const std::string& reason() const { return reason_; }  // empty while healthy

  std::uint64_t runs() const { return runs_; }
  std::uint64_t errors() const { return errors_; }
  std::uint64_t consecutive_errors() const { return consecutive_errors_; }
  const std::string& last_error() const { return last_error_; }
  std::optional<Time> last_run() const { return last_run_; }
  std::optional<Time> last_success() const { return last_success_; }

 private:
  HealthState state_ = HealthState::healthy;
  std::string reason_;
  std::uint64_t runs_ = 0;
  std::uint64_t errors_ = 0;
  std::uint64_t consecutive_errors_ = 0;
  std::string last_error_;
  std::optional<Time> last_run_;
  std::optional<Time> last_success_;
};

}  // namespace unity
