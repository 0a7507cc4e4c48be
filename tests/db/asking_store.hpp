// Stores of the job of rollups that stop it in the middle, where a test says.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "rollup/rollup_store.hpp"

namespace unity::test {

// The job's store, which asks before each call that reads or writes rows, and fails if it may not.
class AskingStore : public db::RollupStore {
 public:
  using MayGoOn = std::function<bool()>;

  AskingStore(db::RollupStore& store, MayGoOn may_go_on)
      : store_(store), may_go_on_(std::move(may_go_on)) {}

  Result<bool> try_lock() override { return store_.try_lock(); }
  Result<void> unlock() override { return store_.unlock(); }
  Result<std::optional<Time>> dropped_before(std::string_view table) override {
    return store_.dropped_before(table);
  }
  Result<bool> all_marked() override { return store_.all_marked(); }
  Result<std::optional<Time>> next_frame(Time from) override {
    if (!may_go_on_()) return failure();
    return store_.next_frame(from);
  }
  Result<void> mark(std::span<const Time> hours) override {
    if (!may_go_on_()) return failure();
    return store_.mark(hours);
  }
  Result<void> set_all_marked(Time now) override {
    if (!may_go_on_()) return failure();
    return store_.set_all_marked(now);
  }
  Result<std::vector<db::DirtyBucket>> dirty(db::Tier tier, Time before,
                                             std::size_t limit) override {
    return store_.dirty(tier, before, limit);
  }
  Result<std::optional<std::int64_t>> numbers(Time from, Time to, std::int64_t after,
                                              std::size_t sources_max,
                                              const db::TakeNumber& take) override {
    if (!may_go_on_()) return failure();
    return store_.numbers(from, to, after, sources_max, take);
  }
  Result<std::optional<std::int64_t>> rollups(db::Tier tier, Time from, Time to, std::int64_t after,
                                              std::size_t series_max,
                                              const db::TakeRollup& take) override {
    if (!may_go_on_()) return failure();
    return store_.rollups(tier, from, to, after, series_max, take);
  }
  Result<void> replace(db::Tier tier, Time bucket, std::span<const db::Rollup> rollups) override {
    if (!may_go_on_()) return failure();
    return store_.replace(tier, bucket, rollups);
  }
  Result<void> settle(db::Tier tier, const db::DirtyBucket& bucket,
                      std::optional<Time> next) override {
    if (!may_go_on_()) return failure();
    return store_.settle(tier, bucket, next);
  }

 private:
  static Error failure() { return {Errc::unavailable, "stopped by the test"}; }

  db::RollupStore& store_;
  MayGoOn may_go_on_;
};

// The job's store, which fails at a call.
class FailingStore : public AskingStore {
 public:
  FailingStore(db::RollupStore& store, int calls)
      : AskingStore(store, [calls]() mutable { return calls-- > 0; }) {}
};

}  // namespace unity::test
