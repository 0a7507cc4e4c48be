// How the parts of the host perform, minute by minute: sums of their operations, as rows of
// service_performance_metrics.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "unity/core/base/time.hpp"
#include "unity/core/ports/audit.hpp"

namespace unity {

// Something that a part of the host did: a run, a write to a storage.
struct Operation {
  Duration took{};
  // Whether it was answered from what was there, so that nothing was done. Like the two below,
  // empty if the service knows no such thing.
  std::optional<bool> cached = {};
  std::string error_class = {};  // empty: it succeeded
  std::string error = {};
  std::optional<std::uint64_t> bytes = {};   // collected
  std::optional<std::uint64_t> writes = {};  // records written to a database
};

class ServiceMeter {
 public:
  // Different messages kept apart in a minute; others count as "other". Some of them are shown.
  static constexpr std::size_t kMessagesMax = 100;
  static constexpr std::size_t kTopErrors = 5;

  // `host` is the instance_id of all rows, `started` when it began.
  ServiceMeter(std::string host, Time started)
      : host_(std::move(host)), taken_(std::chrono::floor<std::chrono::minutes>(started)) {}

  void add(const std::string& service, const Operation& operation, Time now);

  // The rows of minutes other than that of `now`, oldest first. A minute without operations has
  // none. The time of a row is its minute; or that of its first operation, if there may be a row of
  // that minute already: after the clock was set back, and in the minute in which the host started.
  std::vector<ServicePerformance> take(Time now);
  std::vector<ServicePerformance> take_all();

 private:
  struct Sum {
    Time time{};
    std::int64_t total = 0;
    std::int64_t failed = 0;
    std::int64_t done = 0;  // not cached
    std::optional<std::int64_t> cached;
    Duration took{};  // of those done
    Duration longest{};
    Duration shortest = Duration::max();
    std::optional<std::int64_t> bytes;
    std::optional<std::int64_t> writes;
    std::map<std::string, std::int64_t> classes;
    std::map<std::string, std::int64_t> messages;
  };
  using Key = std::pair<Time, std::string>;  // minute, service

  ServicePerformance to_row(const std::string& service, const Sum& sum) const;

  std::string host_;
  std::map<Key, Sum> sums_;
  Time taken_;  // the latest minute of which there may be a row
};

}  // namespace unity
