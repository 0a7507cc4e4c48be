// Shares connections among threads: opened when they are needed, at most pool_size + max_overflow
// of them, the one used last handed out first. Any thread may call anything.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "pool/pool_rules.hpp"
#include "unity/core/base/result.hpp"

namespace unity::db {

// A Conn can be moved, closes itself, and has
//   bool ping();   asks the server for a sign of life; bounded in time
//   bool reset();  after use: false if nobody must use it again, as in the middle of an answer
template <class Conn>
class Pool {
 public:
  using Connect = std::function<Result<Conn>()>;
  using Clock = std::function<Instant()>;

  // A connection in use. Goes back when this ends.
  class Lease {
   public:
    Lease(Lease&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), use_(other.use_) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (pool_ != nullptr) pool_->give_back(use_);
    }
    Conn& operator*() const { return use_->connection.value(); }
    Conn* operator->() const { return &use_->connection.value(); }

   private:
    friend class Pool;
    Lease(Pool* pool, typename std::list<typename Pool::Use>::iterator use)
        : pool_(pool), use_(use) {}
    Pool* pool_;
    typename std::list<typename Pool::Use>::iterator use_;
  };

  Pool(
      const PoolConfig& config, Connect connect,
      Clock now = [] { return Instant(std::chrono::steady_clock::now()); })
      : rules_(config), connect_(std::move(connect)), now_(std::move(now)) {}
  // All leases must have ended.
  ~Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // `holder` is for messages about who has the connections: a literal. Errc::unavailable if none
  // became free in time; else the error of connecting.
  Result<Lease> take(const char* holder);

  // Closes what is idle: after an error that makes every connection suspect.
  void drop_idle();

  PoolCounts counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  struct Idle {
    Conn connection;
    Instant since;
    Instant retire_at;
  };
  struct Use {
    std::optional<Conn> connection;  // empty while it is being opened
    const char* holder;
    Instant since;
    Instant retire_at;
  };
  using UseRef = typename std::list<Use>::iterator;

  // Opens what `use` still lacks. Without the lock: it may take seconds.
  Result<void> open(UseRef use);
  void give_back(UseRef use);
  Error exhausted(const char* what);  // under the lock

  const PoolRules rules_;
  const Connect connect_;
  const Clock now_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<Idle> idle_;  // the one used last at the end
  std::list<Use> in_use_;
  PoolCounts counts_;
};

template <class Conn>
Result<typename Pool<Conn>::Lease> Pool<Conn>::take(const char* holder) {
  std::unique_lock lock(mutex_);
  if (!rules_.has_room(in_use_.size())) {
    if (counts_.waiting >= rules_.config().max_waiters) {
      ++counts_.turned_away;
      return exhausted("too many wait for one already");
    }
    ++counts_.waiting;
    const bool freed = freed_.wait_for(lock, rules_.config().pool_timeout,
                                       [this] { return rules_.has_room(in_use_.size()); });
    --counts_.waiting;
    if (!freed) {
      ++counts_.timeouts;
      return exhausted("none was given back in time");
    }
  }
  const auto use = in_use_.insert(in_use_.end(), Use{std::nullopt, holder, now_(), {}});
  counts_.in_use = in_use_.size();
  bool must_ping = false;
  std::vector<Idle> retired;  // closed without the lock
  while (!idle_.empty() && !use->connection) {
    auto found = std::move(idle_.back());
    idle_.pop_back();
    if (use->since >= found.retire_at) {
      ++counts_.recycled;
      retired.push_back(std::move(found));
      continue;
    }
    must_ping = rules_.must_ping(use->since - found.since);
    use->retire_at = found.retire_at;
    use->connection.emplace(std::move(found.connection));
  }
  counts_.idle = idle_.size();
  lock.unlock();
  retired.clear();

  Lease lease(this, use);
  if (use->connection && must_ping && !use->connection->ping()) {
    use->connection.reset();
    // What ended this one has probably ended the others too: a server that was restarted.
    drop_idle();
  }
  if (auto opened = open(use); !opened) return std::move(opened).error();
  return lease;
}

template <class Conn>
Result<void> Pool<Conn>::open(UseRef use) {
  if (use->connection) return {};
  auto made = connect_();
  if (!made) return std::move(made).error();
  use->retire_at = rules_.retire_at(now_());
  use->connection.emplace(std::move(*made));
  const std::lock_guard lock(mutex_);
  ++counts_.opened;
  return {};
}

template <class Conn>
void Pool<Conn>::give_back(UseRef use) {
  const bool usable = use->connection && use->connection->reset();
  if (!usable) use->connection.reset();
  std::list<Use> ended;  // closed without the lock
  const std::lock_guard lock(mutex_);
  const auto now = now_();
  if (use->connection && now >= use->retire_at) {
    ++counts_.recycled;
  } else if (use->connection && idle_.size() < rules_.config().pool_size) {
    idle_.push_back({std::move(*use->connection), now, use->retire_at});
  }
  ended.splice(ended.end(), in_use_, use);
  counts_.in_use = in_use_.size();
  counts_.idle = idle_.size();
  freed_.notify_one();
}

template <class Conn>
void Pool<Conn>::drop_idle() {
  std::vector<Idle> dropped;
  const std::lock_guard lock(mutex_);  // ends before what was dropped is closed
  dropped.swap(idle_);
  counts_.idle = 0;
}

template <class Conn>
Error Pool<Conn>::exhausted(const char* what) {
  const auto& oldest = in_use_.front();
  return rules_.exhausted(what, oldest.holder, now_() - oldest.since);
}

}  // namespace unity::db
