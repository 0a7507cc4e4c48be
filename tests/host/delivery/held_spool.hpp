// A spool on a disk that stalls when a cursor is to be written, for as long as a test says, and
// that counts how often it is read.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "unity/db/spool.hpp"

namespace unity::host {

// The test's end of it.
class CursorDisk {
 public:
  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  // Waits until a writer waits for the disk.
  void wait_for_writer() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_; });
  }
  void wait_for_reads(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return reads_ >= count; });
  }

  void was_read() {
    const std::lock_guard lock(mutex_);
    ++reads_;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    waiting_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_; });
    waiting_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  bool waiting_ = false;
  int reads_ = 0;
};

// Holds up one of its consumers.
class HeldSpool : public db::Spool, db::SpoolConsumer {
 public:
  HeldSpool(std::unique_ptr<db::Spool> spool, std::string_view id, CursorDisk& disk)
      : spool_(std::move(spool)), id_(id), consumer_(spool_->consumer(id)), disk_(disk) {}

  Result<Appended> append(std::span<const db::EncodedEntry> entries) override {
    return spool_->append(entries);
  }
  db::SpoolConsumer& consumer(std::string_view id) override {
    if (id != id_) return spool_->consumer(id);
    return *this;
  }
  const db::SpoolRecovery& recovery() const override { return spool_->recovery(); }
  db::SpoolPosition end() const override { return spool_->end(); }
  db::SpoolState state() const override { return spool_->state(); }

 private:
  Result<bool> read(std::size_t records_max, db::SpoolBatch& batch) override {
    auto read = consumer_.read(records_max, batch);
    disk_.was_read();
    return read;
  }
  void rewind() override { consumer_.rewind(); }
  Result<void> settle(const db::SpoolPosition& upto) override { return consumer_.settle(upto); }
  Result<void> ack(const db::SpoolPosition& upto) override {
    disk_.pass();
    return consumer_.ack(upto);
  }
  db::SpoolPosition settled() const override { return consumer_.settled(); }

  std::unique_ptr<db::Spool> spool_;
  std::string id_;
  db::SpoolConsumer& consumer_;
  CursorDisk& disk_;
};

}  // namespace unity::host
