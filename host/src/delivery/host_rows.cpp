#include "delivery/host_rows.hpp"

#include <algorithm>
#include <utility>

#include "base/wall_clock.hpp"
#include "log/log.hpp"

namespace unity::host {
namespace {

// That wait for a storage that fails.
constexpr std::size_t kAuditRowsMax = 10'000;
constexpr std::string_view kBlocked = "blocked";
// Between two declarations of datasets that are blocked.
constexpr Duration kFirstPause = std::chrono::minutes(1);
constexpr Duration kLongestPause = std::chrono::hours(1);

}  // namespace

HostRows::HostRows(const std::string& host, const std::string& storage)
    : storage_(storage), meter_(host, wall_now()) {}

void HostRows::register_plugins(std::vector<PluginInfo> plugins) {
  const std::lock_guard lock(mutex_);
  plugins_ = std::move(plugins);
}

void HostRows::declare_datasets(std::vector<DatasetSpec> datasets) {
  const std::lock_guard lock(mutex_);
  declared_ = std::move(datasets);
}

std::vector<DatasetState> HostRows::datasets() const {
  const std::lock_guard lock(mutex_);
  return datasets_;
}

void HostRows::update_status(std::vector<PluginStatus> status) {
  const std::lock_guard lock(mutex_);
  status_ = std::move(status);
}

void HostRows::write_audit(const AuditRows& rows) {
  const auto append = [this](auto& queue, const auto& more) {
    const auto room = kAuditRowsMax - std::min(kAuditRowsMax, queue.size());
    const auto taken = std::min(room, more.size());
    queue.insert(queue.end(), more.begin(), more.begin() + static_cast<std::ptrdiff_t>(taken));
    audit_rows_lost_ += more.size() - taken;
  };
  const std::lock_guard lock(mutex_);
  append(audit_.collections, rows.collections);
  append(audit_.performance, rows.performance);
}

std::uint64_t HostRows::audit_rows_lost() const {
  const std::lock_guard lock(mutex_);
  return audit_rows_lost_;
}

void HostRows::wrote(const Operation& operation) {
  meter_.add("storage:" + storage_, operation, wall_now());
}

Result<bool> HostRows::store_plugins(Catalog& catalog) {
  std::vector<PluginInfo> plugins;
  {
    const std::lock_guard lock(mutex_);
    plugins.swap(plugins_);
  }
  if (plugins.empty()) return false;
  if (const auto done = catalog.register_plugins(plugins); !done) {
    const std::lock_guard lock(mutex_);
    if (plugins_.empty()) plugins_ = std::move(plugins);
    return done.error();
  }
  return true;
}

Result<bool> HostRows::store_datasets(Catalog& catalog, Instant now) {
  std::optional<std::vector<DatasetSpec>> declared;
  std::vector<DatasetState> before;
  {
    const std::lock_guard lock(mutex_);
    declared.swap(declared_);
    before = datasets_;
  }
  if (declared) {
    pause_ = kFirstPause;
  } else if (blocked_ && now >= try_again_at_) {
    declared.swap(blocked_);
    pause_ = std::min(pause_ * 2, kLongestPause);
  } else {
    return false;
  }
  blocked_.reset();  // there are newer ones
  auto states = catalog.declare_datasets(*declared);
  if (!states && states.error().code == Errc::unavailable) {
    const std::lock_guard lock(mutex_);
    if (!declared_) declared_ = std::move(declared);
    return states.error();
  }
  if (!states) {
    // Rows without a table become dead letters; records of metrics need not wait for that.
    std::vector<DatasetState> failed;
    for (const auto& spec : *declared) {
      failed.push_back({spec.name, spec.owner, 0, std::string(kBlocked), states.error().message});
    }
    states = std::move(failed);
  }
  if (std::any_of(states->begin(), states->end(),
                  [](const DatasetState& one) { return one.state == kBlocked; })) {
    blocked_ = std::move(declared);
    try_again_at_ = now + pause_;
  }
  for (const auto& state : *states) {
    if (state.problem.empty() || std::find(before.begin(), before.end(), state) != before.end()) {
      continue;
    }
    log_warn("storage {}: dataset {} of {} is {}: {}", storage_, state.name, state.owner,
             state.state, state.problem);
  }
  const std::lock_guard lock(mutex_);
  datasets_ = std::move(*states);
  return true;
}

bool HostRows::store_status(Catalog& catalog) {
  std::vector<PluginStatus> status;
  {
    const std::lock_guard lock(mutex_);
    status.swap(status_);
  }
  if (status.empty()) return false;
  // The next one replaces it, so a status that cannot be stored is not worth a retry.
  const auto written = catalog.update_status(status);
  if (!written) log_warn("cannot store the status of plugins: {}", written.error().message);
  return true;
}

Result<bool> HostRows::store_audit(Audit& audit, bool all) {
  AuditRows rows;
  {
    const std::lock_guard lock(mutex_);
    std::swap(rows, audit_);
  }
  for (auto& row : all ? meter_.take_all() : meter_.take(wall_now())) {
    rows.performance.push_back(std::move(row));
  }
  if (rows.empty()) return false;
  auto written = audit.write(rows.collections);
  if (written) written = audit.write(rows.performance);  // a row that is there changes nothing
  if (written) return true;
  if (written.error().code == Errc::unavailable) {
    write_audit(rows);
    return written.error();
  }
  log_warn("storage {} does not take {} rows of the audit: {}", storage_,
           rows.collections.size() + rows.performance.size(), written.error().message);
  return true;
}

}  // namespace unity::host
