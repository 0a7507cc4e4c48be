// A delivery with one scripted storage or two, and what a test does with it.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "host/delivery/scripted_delivery.hpp"
#include "support/temp_dir.hpp"

namespace unity::host {

// No test depends on how long this is, unless something hangs.
inline Instant late() { return std::chrono::steady_clock::now() + std::chrono::hours(1); }
inline Instant at_once() { return std::chrono::steady_clock::now(); }

inline Record record(const std::string& metric, bool host_made = false) {
  static const auto origin = std::make_shared<const Origin>(Origin{"box", "zoo.scripted", "a"});
  Record one;
  one.origin = origin;
  one.metric = metric;
  one.time = Time(std::chrono::seconds(1));
  one.fields.push_back({"value", 1.0, Kind::gauge, ""});
  one.host_made = host_made;
  return one;
}

// A second after another, so that any batch may end between them.
inline RunReport report(const std::vector<std::string>& metrics) {
  RunReport one;
  one.run = 7;
  one.instance = "a";
  one.plugin = "zoo.scripted";
  one.output.collected = metrics.size();
  for (const auto& metric : metrics) {
    one.output.records.push_back(record(metric));
    one.output.records.back().time += std::chrono::seconds(one.output.records.size());
  }
  return one;
}

// A host's life: one storage or two, and what it leaves behind for the next one.
class DeliveryTest : public testing::Test {
 protected:
  void open(std::vector<StorageSpec> storages) {
    delivery_ = open_delivery(temp_.path(), std::move(storages), spool_, &disk_);
    ASSERT_TRUE(delivery_);
  }
  void open(std::size_t batch_size = 100) {
    std::vector<StorageSpec> storages;
    storages.push_back(scripted_storage("main", script_, batch_size));
    open(std::move(storages));
  }
  // One that waits for full batches.
  std::vector<StorageSpec> lingering(std::size_t batch_size, Duration batch_timeout) {
    std::vector<StorageSpec> storages;
    storages.push_back(scripted_storage("main", script_, batch_size));
    storages.back().batch_timeout = batch_timeout;
    return storages;
  }

  // Waits until it is accepted, or refused.
  Result<void> accept(RunReport one) {
    std::promise<Result<void>> accepted;
    delivery_->accept(std::move(one), [&](Result<void> result) { accepted.set_value(result); });
    return accepted.get_future().get();
  }
  void accept(const std::vector<std::string>& metrics) { ASSERT_TRUE(accept(report(metrics))); }

  Accounting account(std::size_t storage = 0) const {
    return delivery_->state().storages.at(storage).accounting;
  }
  std::vector<db::DeadLetter> letters() const {
    auto all = delivery_->dead_letters().list({}, 1000);
    return all ? *all : std::vector<db::DeadLetter>();
  }
  void TearDown() override {
    script_.release();
    other_.release();
    disk_.release();
    if (!delivery_) return;
    for (const auto& storage : delivery_->state().storages) {
      EXPECT_TRUE(storage.accounting.balanced()) << storage.id;
    }
  }

  test::TempDir temp_;
  db::SpoolConfig spool_;
  StorageScript script_;
  StorageScript other_;
  CursorDisk disk_;
  std::unique_ptr<Delivery> delivery_;
};

}  // namespace unity::host
