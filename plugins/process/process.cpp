// unity.process: how many processes there are, which use most, and how named services fare.
#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "process/groups.hpp"
#include "process/process_stat.hpp"
#include "process/scanner.hpp"
#include "support/reading.hpp"
#include "support/root.hpp"
#include "unity/plugin.hpp"
#include "unity_manifest.h"

namespace unity::plugins::process {
namespace {

constexpr std::string_view kId = "unity.process";

struct States {
  std::uint64_t running = 0;
  std::uint64_t sleeping = 0;
  std::uint64_t uninterruptible = 0;
  std::uint64_t stopped = 0;
  std::uint64_t zombie = 0;
  std::uint64_t idle = 0;
  std::uint64_t threads = 0;

  void count(const ProcessStat& process) {
    threads += process.threads;
    switch (process.state) {
      case 'R':
        ++running;
        break;
      case 'S':
        ++sleeping;
        break;
      case 'D':
        ++uninterruptible;
        break;
      case 'T':
      case 't':
        ++stopped;
        break;
      case 'Z':
        ++zombie;
        break;
      case 'I':
        ++idle;
        break;
      default:
        break;  // about to vanish: in the total only
    }
  }
};

class Process {
 public:
  Process(sdk::Host host, const sdk::Options& options)
      : host_(host),
        root_(options.string("root"), kId),
        top_(static_cast<std::size_t>(options.integer("top"))),
        groups_(options.strings("services")) {}

  void collect(sdk::Call call) {
    records_.clear();
    const auto now_ns = host_.now_mono_ns();
    reading(kId, [&] { scanner_.scan(call, now_); });
    used_since(before_, now_, used_ticks_);
    groups_.update(now_, used_ticks_);
    seconds_.reset();
    if (before_ns_ && now_ns > *before_ns_) {
      seconds_ = static_cast<double>(now_ns - *before_ns_) / 1e9;
    }

    add_states();
    add_groups();
    add_top();
    call.emit(records_);
    std::swap(before_, now_);
    before_ns_ = now_ns;
  }

 private:
  void add_states() {
    States states;
    for (const auto& process : now_) states.count(process);
    records_.metric("process_states")
        .field("total", now_.size())
        .field("running", states.running)
        .field("sleeping", states.sleeping)
        .field("uninterruptible", states.uninterruptible)
        .field("stopped", states.stopped)
        .field("zombie", states.zombie)
        .field("idle", states.idle)
        .field("threads", states.threads);
  }

  void add_groups() {
    for (const auto& group : groups_.all()) {
      records_.metric("process_group")
          .tag("service", group.service)
          .field("up", group.count > 0)
          .field("count", group.count)
          .field("threads", group.threads)
          .field("rss", group.rss_pages * page_size_)
          .field("cpu_time", static_cast<double>(group.cpu_ticks) / ticks_per_second_);
    }
  }

  void add_top() {
    add_ranks("memory", [&](std::size_t i) { return now_[i].rss_pages; });
    // What was used before the first run says nothing about now.
    if (seconds_) add_ranks("cpu", [&](std::size_t i) { return used_ticks_[i]; });
  }

  // The `top_` processes with the largest `weight`, without those that weigh nothing.
  template <class Weight>
  void add_ranks(std::string_view by, Weight weight) {
    order_.resize(now_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    const auto count = std::min(top_, order_.size());
    std::partial_sort(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(count),
                      order_.end(), [&](std::size_t a, std::size_t b) {
                        return weight(a) != weight(b) ? weight(a) > weight(b) : a < b;
                      });
    for (std::size_t rank = 0; rank < count && weight(order_[rank]) > 0; ++rank) {
      add_rank(by, rank + 1, order_[rank]);
    }
  }

  void add_rank(std::string_view by, std::size_t rank, std::size_t index) {
    const auto& process = now_[index];
    auto record = records_.metric("process_top");
    record.tag("by", by)
        .tag("rank", std::to_string(rank))
        .field("name", process.name)
        .field("pid", process.pid)
        .field("rss", process.rss_pages * page_size_);
    if (seconds_) {
      const auto used = static_cast<double>(used_ticks_[index]) / ticks_per_second_;
      record.field("cpu_percent", 100 * used / *seconds_);
    }
  }

  sdk::Host host_;
  Root root_;
  std::size_t top_;
  Groups groups_;
  Scanner scanner_{root_.path("/proc")};
  std::uint64_t page_size_ = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  double ticks_per_second_ = static_cast<double>(::sysconf(_SC_CLK_TCK));
  std::vector<ProcessStat> now_;
  std::vector<ProcessStat> before_;
  std::optional<std::uint64_t> before_ns_;
  std::optional<double> seconds_;          // between the two
  std::vector<std::uint64_t> used_ticks_;  // by position in now_
  std::vector<std::size_t> order_;
  sdk::Records records_;
};

}  // namespace
}  // namespace unity::plugins::process

UNITY_PLUGIN(unity::sdk::polled<unity::plugins::process::Process>("process"))
