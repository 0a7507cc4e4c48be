#include "unity/core/engine/ledger.hpp"

#include <algorithm>
#include <cassert>

namespace unity {
namespace {

void add(DroppedBy& sum, const DroppedBy& more) {
  for (const auto& [reason, count] : more) sum[reason] += count;
}

}  // namespace

Ledger::Ledger(std::uint64_t spool_end, std::vector<InSpool> in_spool) : spool_end_(spool_end) {
  bool backlog = false;
  for (auto& report : in_spool) {
    // What the spool found lost when it was opened lay there as well.
    auto lay_there = report.waiting;
    for (const auto& [reason, records] : report.lost) lay_there += records;
    backlog = backlog || lay_there > 0;
    storages_.push_back({lay_there, std::move(report)});
  }
  if (backlog) row(kBacklog);
}

Ledger::Row& Ledger::row(std::string_view instance) {
  auto found = rows_.find(instance);
  if (found == rows_.end()) {
    found = rows_.emplace(instance, Row()).first;
    found->second.storages.resize(storages_.size());
  }
  return found->second;
}

Ledger::Settled& Ledger::settled(std::size_t storage, std::string_view instance) {
  return row(instance).storages[storage];
}

void Ledger::collected(std::string_view instance, const PipelineOutput& output) {
  auto& of = row(instance);
  of.collected += output.collected;
  of.rejected += output.rejected.size();
  add(of.dropped_by, output.dropped_by);
  pending_ += static_cast<std::uint64_t>(
      std::count_if(output.records.begin(), output.records.end(),
                    [](const Record& record) { return !record.host_made; }));
}

void Ledger::spooled(std::uint64_t records, std::uint64_t spool_end) {
  assert(records <= pending_);
  pending_ -= records;
  for (auto& storage : storages_) storage.in_spool.waiting += spool_end - spool_end_;
  spool_end_ = spool_end;
}

void Ledger::refused(std::string_view instance, std::uint64_t records, std::string_view reason) {
  if (records == 0) return;
  assert(records <= pending_);
  pending_ -= records;
  row(instance).dropped_by[std::string(reason)] += records;
}

void Ledger::not_kept(std::string_view instance, std::uint64_t records) {
  if (records == 0) return;
  auto& of = row(instance);
  assert(records <= of.rejected);
  of.rejected -= records;
  of.dropped_by["not_kept"] += records;
}

void Ledger::stored(std::size_t storage, std::string_view instance, std::uint64_t records) {
  settled(storage, instance).stored += records;
}

void Ledger::rejected(std::size_t storage, std::string_view instance, std::uint64_t records) {
  settled(storage, instance).rejected += records;
}

void Ledger::report(std::size_t storage, InSpool in_spool, std::uint64_t spool_end) {
  const auto not_booked = spool_end - spool_end_;
  assert(in_spool.waiting >= not_booked);
  in_spool.waiting -= not_booked;
  storages_[storage].in_spool = std::move(in_spool);
}

Accounting Ledger::account(std::size_t storage) const {
  const auto& of = storages_[storage];
  Accounting sum;
  sum.collected = of.backlog;
  sum.dropped_by = of.in_spool.lost;
  sum.in_flight = pending_ + of.in_spool.waiting;
  for (const auto& [instance, row] : rows_) {
    const auto& settled = row.storages[storage];
    sum.collected += row.collected;
    sum.stored += settled.stored;
    sum.rejected += row.rejected + settled.rejected;
    add(sum.dropped_by, row.dropped_by);
  }
  return sum;
}

std::vector<InstanceAccount> Ledger::by_instance() const {
  std::vector<InstanceAccount> all;
  for (const auto& [instance, row] : rows_) {
    InstanceAccount of;
    of.instance = instance;
    for (std::size_t storage = 0; storage < storages_.size(); ++storage) {
      const auto& settled = row.storages[storage];
      Accounting account;
      account.collected = instance == kBacklog ? storages_[storage].backlog : row.collected;
      account.stored = settled.stored;
      account.rejected = row.rejected + settled.rejected;
      account.dropped_by = row.dropped_by;
      account.in_flight = account.collected - account.stored - account.rejected - account.dropped();
      of.storages.push_back(std::move(account));
    }
    all.push_back(std::move(of));
  }
  return all;
}

}  // namespace unity
