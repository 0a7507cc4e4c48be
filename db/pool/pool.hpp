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

#include "pool/breaker.hpp"
#include "pool/pool_rules.hpp"
#include "unity/core/base/result.hpp"
#include "unity/db/pool_state.hpp"

namespace unity::db {

// A Conn can be moved, closes itself, and has
//   bool ping();   asks the server for a sign of life; bounded in time
//   bool reset();  after use: false if nobody must use it again, as in the middle of an answer
template <class Conn>
class Pool {
 public:
  using Connect = std::function<Result<Conn>()>;
  using Clock = std::function<Instant()>;
  // Waits until `is_freed` is true, at most so long; says whether it is. Under the lock, which is
  // given up meanwhile. A test that turns the clock waits in its own way.
  using Wait = std::function<bool(std::condition_variable&, std::unique_lock<std::mutex>&, Duration,
                                  const std::function<bool()>& is_freed)>;

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
      Clock now = [] { return Instant(std::chrono::steady_clock::now()); },
      Wait wait =
          [](std::condition_variable& freed, std::unique_lock<std::mutex>& lock, Duration most,
             const std::function<bool()>& is_freed) {
            return freed.wait_for(lock, most, is_freed);
          })
      : rules_(config),
        connect_(std::move(connect)),
        now_(std::move(now)),
        wait_(std::move(wait)) {}
  // All leases must have ended.
  ~Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // `holder` is for messages about who has the connections: a literal; `site` is where it asked.
  // Errc::unavailable if none became free in time; else the error of connecting, or at once that of
  // the last attempt while a server that could not be connected to is left alone.
  Result<Lease> take(const char* holder,
                     std::source_location site = std::source_location::current());

  // Closes what is idle: after an error that makes every connection suspect.
  void drop_idle();

  PoolState state() const;

 private:
  struct Idle {
    Conn connection;
    Instant since;
    Instant retire_at;
  };
  struct Use {
    std::optional<Conn> connection;  // empty while it is being opened
    const char* holder;
    std::source_location site;
    std::uint64_t lease;
    Instant since;
    Instant retire_at;
  };
  using UseRef = typename std::list<Use>::iterator;

  // Opens what `use` still lacks. Without the lock: it may take seconds.
  Result<void> open(UseRef use);
  void give_back(UseRef use);
  Result<void> wait_for_room(std::unique_lock<std::mutex>& lock);
  Error exhausted(const char* what) const;  // under the lock

  const PoolRules rules_;
  const Connect connect_;
  const Clock now_;
  const Wait wait_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<Idle> idle_;  // the one used last at the end
  std::list<Use> in_use_;   // the one taken first at the beginning
  Breaker breaker_;
  Error last_failure_;  // to connect
  std::uint64_t leases_ = 0;
  PoolState counts_;  // without its leaks
};

template <class Conn>
Result<void> Pool<Conn>::wait_for_room(std::unique_lock<std::mutex>& lock) {
  const auto has_room = [this] { return rules_.has_room(in_use_.size()); };
  if (has_room()) {
    counts_.waits.add(Duration::zero());
    return {};
  }
  if (counts_.waiting >= rules_.config().max_waiters) {
    ++counts_.turned_away;
    return exhausted("too many wait for one already");
  }
  const auto began = now_();
  ++counts_.waiting;
  const bool freed = wait_(freed_, lock, rules_.config().pool_timeout, has_room);
  --counts_.waiting;
  counts_.waits.add(now_() - began);
  if (freed) return {};
  ++counts_.timeouts;
  return exhausted("none was given back in time");
}

template <class Conn>
Result<typename Pool<Conn>::Lease> Pool<Conn>::take(const char* holder, std::source_location site) {
  std::unique_lock lock(mutex_);
  if (auto room = wait_for_room(lock); !room) return std::move(room).error();
  const auto use =
      in_use_.insert(in_use_.end(), Use{std::nullopt, holder, site, ++leases_, now_(), {}});
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
  {
    const std::lock_guard lock(mutex_);
    if (breaker_.keep_away(now_())) return last_failure_;
  }
  auto made = connect_();
  const std::lock_guard lock(mutex_);
  if (!made) {
    breaker_.failed(now_());
    last_failure_ = made.error();
    return std::move(made).error();
  }
  breaker_.succeeded();
  ++counts_.created;
  use->retire_at = rules_.retire_at(now_());
  use->connection.emplace(std::move(*made));
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
Error Pool<Conn>::exhausted(const char* what) const {
  const auto& oldest = in_use_.front();
  return rules_.exhausted(what, holder_text(oldest.holder, oldest.site), now_() - oldest.since);
}

template <class Conn>
PoolState Pool<Conn>::state() const {
  const std::lock_guard lock(mutex_);
  auto state = counts_;
  state.broken = breaker_.is_open();
  const auto now = now_();
  for (const auto& use : in_use_) {
    if (!rules_.is_leak(now - use.since)) break;  // those after it were taken later
    state.leaks.push_back({use.lease, holder_text(use.holder, use.site), now - use.since});
  }
  return state;
}

}  // namespace unity::db
