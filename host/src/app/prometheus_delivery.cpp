#include "app/exposition.hpp"

namespace unity::host {
namespace {

// One family with a sample for each storage.
template <class Number>
void add_per_storage(Exposition& out, const DeliveryState& delivery, std::string_view name,
                     std::string_view type, std::string_view help, Number number) {
  out.family(name, type, help);
  for (const auto& storage : delivery.storages) {
    out.sample(name, label("storage", storage.id), static_cast<double>(number(storage)));
  }
}

// One family with a sample for each collector and storage.
template <class Number>
void add_per_account(Exposition& out, const DeliveryState& delivery, std::string_view name,
                     std::string_view type, std::string_view help, Number number) {
  out.family(name, type, help);
  for (const auto& instance : delivery.instances) {
    for (std::size_t i = 0; i < instance.storages.size(); ++i) {
      out.sample(
          name,
          label("instance", instance.instance) + "," + label("storage", delivery.storages[i].id),
          static_cast<double>(number(instance.storages[i])));
    }
  }
}

void add_accounts(Exposition& out, const DeliveryState& delivery) {
  using State = StorageState;
  add_per_storage(out, delivery, "unity_records_collected_total", "counter",
                  "Records returned by runs that ended, and found in the spool at the start.",
                  [](const State& s) { return s.accounting.collected; });
  add_per_storage(out, delivery, "unity_records_stored_total", "counter",
                  "Records committed durably.", [](const State& s) { return s.accounting.stored; });
  add_per_storage(out, delivery, "unity_records_rejected_total", "counter",
                  "Bad records, kept as dead letters.",
                  [](const State& s) { return s.accounting.rejected; });
  out.family("unity_records_dropped_total", "counter", "Records dropped, by reason.");
  for (const auto& storage : delivery.storages) {
    for (const auto& [reason, dropped] : storage.accounting.dropped_by) {
      out.sample("unity_records_dropped_total",
                 label("storage", storage.id) + "," + label("reason", reason),
                 static_cast<double>(dropped));
    }
  }
  add_per_storage(out, delivery, "unity_records_in_flight", "gauge",
                  "Records that wait for the storage or are being written.",
                  [](const State& s) { return s.accounting.in_flight; });
  add_per_storage(out, delivery, "unity_records_balanced", "gauge",
                  "1 if collected = stored + rejected + dropped + in flight.",
                  [](const State& s) { return s.accounting.balanced() ? 1 : 0; });
}

void add_collector_accounts(Exposition& out, const DeliveryState& delivery) {
  add_per_account(out, delivery, "unity_collector_records_collected_total", "counter",
                  "Records returned by runs that ended.",
                  [](const Accounting& a) { return a.collected; });
  add_per_account(out, delivery, "unity_collector_records_stored_total", "counter",
                  "Records committed durably.", [](const Accounting& a) { return a.stored; });
  add_per_account(out, delivery, "unity_collector_records_rejected_total", "counter",
                  "Bad records, kept as dead letters.",
                  [](const Accounting& a) { return a.rejected; });
  add_per_account(out, delivery, "unity_collector_records_dropped_total", "counter",
                  "Records dropped.", [](const Accounting& a) { return a.dropped(); });
  add_per_account(out, delivery, "unity_collector_records_balanced", "gauge",
                  "1 if the account of the collector's records balances.",
                  [](const Accounting& a) { return a.balanced() ? 1 : 0; });
}

void add_storages(Exposition& out, const DeliveryState& delivery) {
  using State = StorageState;
  add_per_storage(out, delivery, "unity_storage_up", "gauge", "0 while the storage takes nothing.",
                  [](const State& s) { return s.writer.problem.empty() ? 1 : 0; });
  add_per_storage(out, delivery, "unity_storage_failures", "gauge",
                  "Failed attempts since the last commit.",
                  [](const State& s) { return s.writer.failures; });
  add_per_storage(out, delivery, "unity_storage_commits_total", "counter", "Committed batches.",
                  [](const State& s) { return s.writer.commits; });
  add_per_storage(out, delivery, "unity_storage_last_commit_seconds", "gauge",
                  "How long the last commit took.", [](const State& s) {
                    return std::chrono::duration<double>(s.writer.last_commit_took).count();
                  });
}

void add_spool(Exposition& out, const db::SpoolState& spool) {
  const auto number = [](std::uint64_t count) { return static_cast<double>(count); };
  out.single("unity_spool_bytes", "gauge", "Size of the spool on disk.", number(spool.bytes));
  out.single("unity_spool_bytes_max", "gauge", "Its bound.", number(spool.max_bytes));
  out.single("unity_spool_segments", "gauge", "Its files.", number(spool.segments));
  out.single("unity_spool_full", "gauge", "1 while it takes nothing for lack of room.",
             spool.full ? 1 : 0);
  out.single("unity_spool_write_errors_total", "counter", "Writes that the disk refused.",
             number(spool.write_errors));
  out.single("unity_spool_holes_total", "counter", "Damaged places met.", number(spool.holes));
}

}  // namespace

void add_delivery(Exposition& out, const DeliveryState& delivery) {
  add_accounts(out, delivery);
  add_storages(out, delivery);
  add_pools(out, delivery);
  add_spool(out, delivery.spool);
  add_collector_accounts(out, delivery);
}

}  // namespace unity::host
