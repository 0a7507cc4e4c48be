// A database that fails, refuses and waits as a test tells it to, and remembers what it took.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "unity/db/open.hpp"

namespace unity::host {

// What a test sees and does, on its own thread, while the database belongs to the writer.
class StorageScript {
 public:
  // The next so many writes fail.
  void fail(int writes) {
    const std::lock_guard lock(mutex_);
    failures_ = writes;
  }
  // Writes wait until release().
  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  void reject(const std::string& metric) {
    const std::lock_guard lock(mutex_);
    rejected_.insert(metric);
  }

  // The next so many writes fail with this instead of Errc::unavailable.
  void fail(int writes, Errc code) {
    const std::lock_guard lock(mutex_);
    failures_ = writes;
    failure_ = code;
  }

  // The next so many times that datasets are declared, or plugins registered, fail.
  void fail_declarations(int count) {
    const std::lock_guard lock(mutex_);
    declaration_failures_ = count;
  }
  void fail_registrations(int count) {
    const std::lock_guard lock(mutex_);
    registration_failures_ = count;
  }
  // "register", "declare" and "write", in order, whether they failed or not.
  std::vector<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

  void wait_for_calls(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return calls_.size() >= count; });
  }

  // A batch that holds such a record fails as a whole.
  void choke_on(const std::string& metric) {
    const std::lock_guard lock(mutex_);
    choking_.insert(metric);
  }

  // Waits until so many writes have begun.
  void wait_for_attempts(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return attempts_ >= count; });
  }
  // Waits until so many records are stored.
  void wait_for_stored(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stored_.size() >= count; });
  }
  // The metrics of the stored records, in order.
  std::vector<std::string> stored() const {
    const std::lock_guard lock(mutex_);
    return stored_;
  }
  std::vector<std::size_t> batch_sizes() const {
    const std::lock_guard lock(mutex_);
    return batch_sizes_;
  }
  std::vector<PluginStatus> status() const {
    const std::lock_guard lock(mutex_);
    return status_;
  }

  Result<std::vector<Rejection>> write(std::span<const Record> batch) {
    std::unique_lock lock(mutex_);
    ++attempts_;
    calls_.emplace_back("write");
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_; });
    if (failures_ > 0) {
      --failures_;
      return Error{failure_, "the disk is full"};
    }
    for (const auto& record : batch) {
      if (choking_.contains(record.metric)) return Error{Errc::invalid, "a number out of bounds"};
    }
    std::vector<Rejection> rejections;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (rejected_.contains(batch[i].metric)) {
        rejections.push_back({i, "conflict", "another number is stored already"});
      } else {
        stored_.push_back(batch[i].metric);
      }
    }
    batch_sizes_.push_back(batch.size());
    changed_.notify_all();
    return rejections;
  }
  Result<void> register_plugins() {
    const std::lock_guard lock(mutex_);
    calls_.emplace_back("register");
    changed_.notify_all();
    if (registration_failures_ == 0) return {};
    --registration_failures_;
    return Error{Errc::unavailable, "the server is not there"};
  }
  Result<std::vector<DatasetState>> declare() {
    const std::lock_guard lock(mutex_);
    calls_.emplace_back("declare");
    changed_.notify_all();
    if (declaration_failures_ == 0) return std::vector<DatasetState>();
    --declaration_failures_;
    return Error{Errc::unavailable, "the server is not there"};
  }
  void update(std::span<const PluginStatus> status) {
    const std::lock_guard lock(mutex_);
    status_.assign(status.begin(), status.end());
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int attempts_ = 0;
  int failures_ = 0;
  Errc failure_ = Errc::unavailable;
  int declaration_failures_ = 0;
  int registration_failures_ = 0;
  std::vector<std::string> calls_;
  bool held_ = false;
  std::set<std::string> rejected_;
  std::set<std::string> choking_;
  std::vector<std::string> stored_;
  std::vector<std::size_t> batch_sizes_;
  std::vector<PluginStatus> status_;
};

class ScriptedDatabase : public db::Database, Storage, Catalog, Audit, MetricReader {
 public:
  explicit ScriptedDatabase(StorageScript& script) : script_(script) {}

  Storage& storage() override { return *this; }
  Catalog& catalog() override { return *this; }
  Audit& audit() override { return *this; }
  MetricReader& reader() override { return *this; }

 private:
  Result<std::vector<Rejection>> write(std::span<const Record> batch) override {
    return script_.write(batch);
  }
  Result<void> register_plugins(std::span<const PluginInfo>) override {
    return script_.register_plugins();
  }
  Result<std::vector<DatasetState>> declare_datasets(std::span<const DatasetSpec>) override {
    return script_.declare();
  }
  Result<void> update_status(std::span<const PluginStatus> status) override {
    script_.update(status);
    return {};
  }
  Result<void> write(std::span<const CollectionAudit>) override { return {}; }
  Result<void> write(std::span<const ServicePerformance>) override { return {}; }
  Result<std::vector<CollectionAudit>> collections(Time, Time, std::size_t) override {
    return std::vector<CollectionAudit>();
  }
  Result<std::vector<ServicePerformance>> performance(Time, Time, std::size_t) override {
    return std::vector<ServicePerformance>();
  }
  Result<std::vector<Point>> latest(const SeriesFilter&) override { return std::vector<Point>(); }
  Result<std::vector<Point>> range(const SeriesFilter&, Time, Time, std::size_t) override {
    return std::vector<Point>();
  }
  Result<BucketAnswer> buckets(const BucketQuery&) override { return BucketAnswer(); }
  Result<TopAnswer> top(const TopQuery&) override { return TopAnswer(); }

  StorageScript& script_;
};

}  // namespace unity::host
