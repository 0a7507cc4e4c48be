#include "delivery/delivery.hpp"

namespace unity::host {

Delivery::Delivery(std::unique_ptr<db::Spool> spool, db::DeadLetters letters,
                   std::vector<StorageSpec> storages, const std::string& host)
    : spool_(std::move(spool)),
      letters_(std::move(letters)),
      books_(Ledger(spool_->end().emitted, in_spool(spool_->state()))),
      committer_(*spool_, letters_, books_, [this] {
        const auto end = spool_->end().records;
        for (const auto& writer : writers_) writer->wake(end);
      }) {
  for (auto& storage : storages) {
    writers_.push_back(std::make_unique<StorageWriter>(writers_.size(), std::move(storage), *spool_,
                                                       letters_, books_, host));
  }
}

void Delivery::update_status(const std::vector<PluginStatus>& status) {
  for (const auto& writer : writers_) writer->update_status(status);
}

void Delivery::register_plugins(const std::vector<PluginInfo>& plugins) {
  for (const auto& writer : writers_) writer->register_plugins(plugins);
}

void Delivery::declare_datasets(const std::vector<DatasetSpec>& datasets) {
  for (const auto& writer : writers_) writer->declare_datasets(datasets);
}

void Delivery::write_audit(const AuditRows& rows) {
  for (const auto& writer : writers_) writer->write_audit(rows);
}

DeliveryState Delivery::state() const {
  DeliveryState state;
  for (const auto& writer : writers_) {
    auto& storage = state.storages.emplace_back();
    storage.id = writer->id();
    storage.required = writer->required();
    storage.writer = writer->state();
  }
  books_.with([&](const Ledger& ledger) {
    for (std::size_t i = 0; i < state.storages.size(); ++i) {
      state.storages[i].accounting = ledger.account(i);
    }
    state.instances = ledger.by_instance();
    state.host_made = ledger.host_made();
  });
  state.spool = spool_->state();
  state.problem = committer_.problem();
  return state;
}

bool Delivery::stop(Instant deadline) {
  // First everything must be durable; what time is left goes to the databases.
  const bool committed = committer_.stop(deadline);
  for (const auto& writer : writers_) writer->stop(deadline);
  bool stopped = true;
  for (const auto& writer : writers_) stopped = writer->stopped() && stopped;
  return committed && stopped;
}

}  // namespace unity::host
