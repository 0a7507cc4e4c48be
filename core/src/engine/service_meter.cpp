#include "unity/core/engine/service_meter.hpp"

#include <algorithm>

#include "unity/core/base/text.hpp"

namespace unity {
namespace {

constexpr const char* kOther = "other";

double millis(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// Stays empty until there is something to add.
template <class Number>
void add_to(std::optional<std::int64_t>& sum, const std::optional<Number>& more) {
  if (more) sum = sum.value_or(0) + static_cast<std::int64_t>(*more);
}

std::vector<ErrorCount> by_count(const std::map<std::string, std::int64_t>& counts,
                                 std::size_t most) {
  std::vector<ErrorCount> sorted;
  for (const auto& [what, count] : counts) {
    sorted.push_back({fit_text(what, kAuditErrorLength), count});
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const ErrorCount& a, const ErrorCount& b) { return a.count > b.count; });
  if (sorted.size() > most) sorted.resize(most);
  return sorted;
}

}  // namespace

void ServiceMeter::add(const std::string& service, const Operation& operation, Time now) {
  const Time minute = std::chrono::floor<std::chrono::minutes>(now);
  auto& sum = sums_[{minute, service}];
  if (sum.total == 0) sum.time = minute > taken_ ? minute : now;
  ++sum.total;
  add_to(sum.bytes, operation.bytes);
  add_to(sum.writes, operation.writes);
  add_to(sum.cached, operation.cached);
  if (!operation.cached.value_or(false)) {
    ++sum.done;
    sum.took += operation.took;
    sum.longest = std::max(sum.longest, operation.took);
    sum.shortest = std::min(sum.shortest, operation.took);
  }
  if (operation.error_class.empty()) return;
  ++sum.failed;
  ++sum.classes[operation.error_class];
  const bool room = sum.messages.size() < kMessagesMax || sum.messages.contains(operation.error);
  ++sum.messages[room ? operation.error : kOther];
}

std::vector<ServicePerformance> ServiceMeter::take(Time now) {
  const Time minute = std::chrono::floor<std::chrono::minutes>(now);
  std::vector<ServicePerformance> rows;
  for (auto sum = sums_.begin(); sum != sums_.end();) {
    if (sum->first.first == minute) {
      ++sum;
      continue;
    }
    rows.push_back(to_row(sum->first.second, sum->second));
    taken_ = std::max(taken_, sum->first.first);
    sum = sums_.erase(sum);
  }
  return rows;
}

std::vector<ServicePerformance> ServiceMeter::take_all() {
  std::vector<ServicePerformance> rows;
  for (const auto& [key, sum] : sums_) {
    rows.push_back(to_row(key.second, sum));
    taken_ = std::max(taken_, key.first);
  }
  sums_.clear();
  return rows;
}

ServicePerformance ServiceMeter::to_row(const std::string& service, const Sum& sum) const {
  ServicePerformance row;
  row.instance_id = fit_text(host_, kAuditDeviceLength);
  row.time = sum.time;
  row.service_name = fit_text(service, kAuditServiceLength);
  row.operations_total = sum.total;
  row.operations_successful = sum.total - sum.failed;
  row.operations_failed = sum.failed;
  row.operations_cached = sum.cached;
  if (sum.cached) {
    row.cache_hit_ratio = static_cast<double>(*sum.cached) / static_cast<double>(sum.total);
  }
  if (sum.done > 0) {
    row.avg_duration_ms = millis(sum.took) / static_cast<double>(sum.done);
    row.max_duration_ms = static_cast<std::int64_t>(millis(sum.longest));
    row.min_duration_ms = static_cast<std::int64_t>(millis(sum.shortest));
  }
  row.data_collected_bytes = sum.bytes;
  row.database_writes = sum.writes;
  row.error_types = by_count(sum.classes, sum.classes.size());
  row.top_errors = by_count(sum.messages, kTopErrors);
  return row;
}

}  // namespace unity
