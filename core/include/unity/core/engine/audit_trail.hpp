// Turns runs into rows of the audit: one for each run that failed, that somebody asked for, or that
// was the first of its instance; the other successes of an instance are summed by the minute.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "unity/core/ports/audit.hpp"
#include "unity/core/ports/collector.hpp"

namespace unity {

// What is known of a run that has ended. Views of what outlives the call that it is passed to.
struct RunFacts {
  std::uint64_t run = 0;
  std::string_view device;
  std::string_view plugin;
  std::string_view instance;
  Trigger trigger = Trigger::schedule;
  RunClass outcome = RunClass::ok;
  bool first = false;  // of its instance since the host started
  Time started{};
  Duration took{};
  std::optional<Duration> cpu;
  std::uint64_t records = 0;  // as emitted
  std::uint64_t bytes = 0;    // of what was emitted
  std::string_view message;   // the error, or the warning of a partial success
  // Manual runs: what was asked for with --if-older, and whether the data was young enough, so that
  // nothing ran.
  std::optional<Duration> if_older;
  bool fresh = false;
};

class AuditTrail {
 public:
  // Of rows that wait to be taken; beyond it, new ones are lost and counted.
  static constexpr std::size_t kRowsMax = 10'000;

  // `host` makes the ids of operations differ from those of other hosts.
  explicit AuditTrail(std::string host) : host_(std::move(host)) {}

  // A run has ended; `now` is the wall clock, whose minute it is counted in.
  void add(const RunFacts& facts, Time now);

  // The rows that are complete: the sums of minutes other than that of `now` are.
  std::vector<CollectionAudit> take(Time now);
  // At the end of the host: all rows.
  std::vector<CollectionAudit> take_all();

  std::uint64_t lost() const { return lost_; }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  // Small, as it is touched by every run; the rest of its row is made once.
  struct Sum {
    Time minute{};
    std::int64_t operations = 0;
    std::int64_t duration_ms = 0;
    std::int64_t records = 0;
    std::int64_t bytes = 0;
    std::optional<std::int64_t> cpu_us = 0;
    std::unique_ptr<CollectionAudit> row;
  };

  void push(Sum sum);
  void push(CollectionAudit row);

  std::string host_;
  std::unordered_map<std::string, Sum, TextHash, std::equal_to<>> sums_;  // by instance
  std::vector<CollectionAudit> rows_;
  std::uint64_t lost_ = 0;
};

}  // namespace unity
