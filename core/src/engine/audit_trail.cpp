#include "unity/core/engine/audit_trail.hpp"

#include <fmt/format.h>

#include "unity/core/base/sha256.hpp"
#include "unity/core/base/text.hpp"

namespace unity {
namespace {

// The same for the same operation, whoever writes it how often; a UUID of version 8.
std::string operation_id(std::string_view host, std::string_view what, const RunFacts& facts) {
  const auto hash = sha256(fmt::format("{}\n{}\n{}\n{}", what, host, facts.instance, facts.run));
  std::string id(hash.begin(), hash.begin() + 16);
  id[6] = static_cast<char>((id[6] & 0x0f) | 0x80);
  id[8] = static_cast<char>((id[8] & 0x3f) | 0x80);
  return id;
}

std::int64_t millis(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

std::optional<std::int64_t> micros(const std::optional<Duration>& duration) {
  if (!duration) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::microseconds>(*duration).count();
}

// Without what differs between a run and a sum: time, id and numbers.
CollectionAudit describe(const RunFacts& facts) {
  CollectionAudit row;
  row.device = fit_text(facts.device, kAuditDeviceLength);
  row.data_type = fit_text(facts.plugin, kAuditPluginLength);
  row.collection_method = to_text(facts.trigger);
  row.collection_source = fit_text(facts.instance, kAuditInstanceLength);
  row.status = facts.outcome == RunClass::ok ? "success" : to_text(facts.outcome);
  return row;
}

CollectionAudit row_of_run(std::string_view host, const RunFacts& facts) {
  auto row = describe(facts);
  row.time = facts.started;
  row.operation_id = operation_id(host, "run", facts);
  if (facts.trigger == Trigger::manual) {
    row.force_refresh = !facts.if_older;
    row.cache_hit = facts.fresh;
  }
  if (facts.if_older) {
    row.freshness_threshold =
        std::chrono::duration_cast<std::chrono::seconds>(*facts.if_older).count();
  }
  if (!facts.fresh) {  // else nothing ran
    row.duration_ms = millis(facts.took);
    row.cpu_us = micros(facts.cpu);
  }
  if (!succeeded(facts.outcome)) {
    row.error_message = fit_text(facts.message, kAuditErrorLength);
    return row;
  }
  if (!facts.message.empty()) row.warnings = {fit_text(facts.message, kAuditErrorLength)};
  if (!facts.fresh) {
    row.records_created = static_cast<std::int64_t>(facts.records);
    row.data_size_bytes = static_cast<std::int64_t>(facts.bytes);
  }
  return row;
}

// Nothing as soon as one part is not known: a sum that lacks some is no sum.
void add_to(std::optional<std::int64_t>& sum, std::optional<std::int64_t> more) {
  sum = sum && more ? std::optional(*sum + *more) : std::nullopt;
}

}  // namespace

void AuditTrail::add(const RunFacts& facts, Time now) {
  if (!succeeded(facts.outcome) || facts.trigger == Trigger::manual || facts.first) {
    push(row_of_run(host_, facts));
    return;
  }
  const Time minute = std::chrono::floor<std::chrono::minutes>(now);
  auto found = sums_.find(facts.instance);
  if (found == sums_.end()) {
    found = sums_.try_emplace(std::string(facts.instance)).first;
  } else if (found->second.minute != minute) {
    push(std::exchange(found->second, {}));
  }
  auto& sum = found->second;
  if (!sum.row) {
    sum.minute = minute;
    sum.row = std::make_unique<CollectionAudit>(describe(facts));
    sum.row->time = minute;
    sum.row->collection_method = to_text(Trigger::schedule);
    sum.row->operation_id = operation_id(host_, "minute", facts);
  }
  ++sum.operations;
  sum.duration_ms += millis(facts.took);
  add_to(sum.cpu_us, micros(facts.cpu));
  sum.records += static_cast<std::int64_t>(facts.records);
  sum.bytes += static_cast<std::int64_t>(facts.bytes);
  if (facts.outcome == RunClass::partial) {
    sum.row->status = to_text(RunClass::partial);
    sum.row->warnings = {
        fit_text(facts.message, kAuditErrorLength)};  // the latest: they are often the same
  }
}

std::vector<CollectionAudit> AuditTrail::take(Time now) {
  const Time minute = std::chrono::floor<std::chrono::minutes>(now);
  for (auto sum = sums_.begin(); sum != sums_.end();) {
    if (sum->second.minute == minute) {
      ++sum;
      continue;
    }
    push(std::move(sum->second));
    sum = sums_.erase(sum);
  }
  return std::exchange(rows_, {});
}

std::vector<CollectionAudit> AuditTrail::take_all() {
  for (auto& [instance, sum] : sums_) push(std::move(sum));
  sums_.clear();
  return std::exchange(rows_, {});
}

void AuditTrail::push(Sum sum) {
  auto& row = *sum.row;
  row.operations = sum.operations;
  row.duration_ms = sum.duration_ms;
  row.cpu_us = sum.cpu_us;
  row.records_created = sum.records;
  row.data_size_bytes = sum.bytes;
  push(std::move(row));
}

void AuditTrail::push(CollectionAudit row) {
  if (rows_.size() < kRowsMax) {
    rows_.push_back(std::move(row));
  } else {
    ++lost_;
  }
}

}  // namespace unity
