#include <fmt/format.h>

#include "app/host_status.hpp"

namespace unity::host {
namespace {

// What an operator should know and do about records that were lost for this reason; empty if they
// were dropped as intended, or if something else tells of it.
std::string_view advice_on(std::string_view reason) {
  if (reason == "damaged") {
    return "that were damaged in the spool: check the disk; `unity spool verify` shows what is "
           "damaged now, `unity spool repair` takes it out while no host runs";
  }
  if (reason == "missing") {
    return "that were gone from the spool when the host started: `unity spool verify` shows what "
           "is there; did somebody remove files?";
  }
  if (reason == "spool_full") {
    return "for which the spool had no room: raise `spool.max_bytes`, or see what keeps the "
           "storage";
  }
  if (reason == "lagging") {
    return "because it was too far behind the required ones; see what keeps it";
  }
  return {};
}

}  // namespace

const Accounting& overall(const DeliveryState& delivery) {
  const StorageState* behind = nullptr;
  for (const auto& storage : delivery.storages) {
    if (!storage.required) continue;
    if (behind == nullptr || storage.accounting.in_flight > behind->accounting.in_flight) {
      behind = &storage;
    }
  }
  return (behind != nullptr ? *behind : delivery.storages.front()).accounting;
}

std::string find_problem(const DeliveryState& delivery) {
  if (!delivery.problem.empty()) return delivery.problem;
  for (const auto& storage : delivery.storages) {
    if (!storage.writer.problem.empty()) return storage.writer.problem;
  }
  return {};
}

std::vector<std::string> find_faults(const HostStatus& status) {
  std::vector<std::string> faults;
  const auto& delivery = status.delivery;
  for (const auto& storage : delivery.storages) {
    const auto& accounting = storage.accounting;
    if (!accounting.balanced()) {
      faults.push_back(fmt::format(
          "the account of storage {} does not balance: {} records collected, but {} stored + {} "
          "rejected + {} dropped + {} in flight; please report this",
          storage.id, accounting.collected, accounting.stored, accounting.rejected,
          accounting.dropped(), accounting.in_flight));
    }
    for (const auto& [reason, records] : accounting.dropped_by) {
      const auto advice = advice_on(reason);
      if (advice.empty()) continue;
      faults.push_back(
          fmt::format("storage {} has lost {} records {}", storage.id, records, advice));
    }
    if (!storage.writer.problem.empty()) {
      faults.push_back(fmt::format("storage {} takes nothing at present, {} records wait: {}",
                                   storage.id, accounting.in_flight, storage.writer.problem));
    }
  }
  for (const auto& storage : delivery.storages) {
    for (const auto& dataset : storage.writer.datasets) {
      if (dataset.problem.empty()) continue;
      faults.push_back(fmt::format("dataset {} of {} is {} in storage {}: {}", dataset.name,
                                   dataset.owner, dataset.state, storage.id, dataset.problem));
    }
  }
  if (!delivery.problem.empty()) {
    faults.push_back(fmt::format("runs wait to be accepted: {}", delivery.problem));
  }
  if (!delivery.spool.problem.empty()) {
    faults.push_back(fmt::format("the spool: {}", delivery.spool.problem));
  }
  if (!status.schedule.overload.empty()) faults.push_back(status.schedule.overload);
  return faults;
}

}  // namespace unity::host
