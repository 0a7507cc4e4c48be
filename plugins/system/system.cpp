// unity.system: processors, load, memory, swap, pressure and the kernel's own counts.
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "support/reading.hpp"
#include "support/root.hpp"
#include "system/cpu.hpp"
#include "system/load.hpp"
#include "system/memory.hpp"
#include "system/pressure.hpp"
#include "system/traffic.hpp"
#include "unity/plugin.hpp"
#include "unity_manifest.h"

namespace unity::plugins::system {
namespace {

constexpr std::string_view kId = "unity.system";

class System {
 public:
  System(sdk::Host host, const sdk::Options& options)
      : root_(options.string("root"), kId),
        per_core_(options.boolean("per_core")),
        dataset_(find_dataset(host)) {}

  void collect(sdk::Call call) {
    records_.clear();
    rows_.clear();
    reading(kId, [&] {
      add_stat();
      const auto memory = parse_memory(meminfo_.require());
      add_row(memory);
      add_load(memory);
      add_memory(memory);
      add_swap(memory);
      add_pressure("cpu", cpu_pressure_);
      add_pressure("memory", memory_pressure_);
      add_pressure("io", io_pressure_);
    });
    call.emit(records_);
    if (dataset_) call.emit(*dataset_, rows_);
  }

 private:
  // A host without datasets gets the records alone.
  static std::optional<std::uint32_t> find_dataset(const sdk::Host& host) {
    try {
      return host.dataset("system_metrics");
    } catch (const sdk::Failure&) {
      return std::nullopt;
    }
  }

  // What is not there, as in a container without /proc/diskstats, is NULL.
  void add_row(const Memory& memory) {
    auto row = rows_.row();
    if (total_used_percent_) row.value("cpu_usage", *total_used_percent_);
    row.value("memory_usage", memory.used_percent());
    if (const auto text = diskstats_.read()) {
      parse_diskstats(*text, disks_);
      const auto traffic = total_of(disks_);
      sdk::Rows json;
      json.row()
          .value("reads", traffic.reads)
          .value("read_bytes", traffic.read_bytes)
          .value("writes", traffic.writes)
          .value("written_bytes", traffic.written_bytes);
      row.json("disk_io", line_of(json));
    }
    if (const auto text = net_dev_.read()) {
      parse_interfaces(*text, interfaces_);
      const auto traffic = total_of(interfaces_);
      sdk::Rows json;
      json.row()
          .value("received_bytes", traffic.received.bytes)
          .value("received_packets", traffic.received.packets)
          .value("sent_bytes", traffic.sent.bytes)
          .value("sent_packets", traffic.sent.packets);
      row.json("network_traffic", line_of(json));
    }
  }

  // A row is an object on a line of its own.
  static std::string_view line_of(const sdk::Rows& rows) {
    return std::string_view(rows.text()).substr(0, rows.text().size() - 1);
  }

  void add_stat() {
    parse_stat(stat_file_.require(), stat_);
    for (auto& cpu : stat_.cpus) {
      if (per_core_ || cpu.core == kAllCores) add_cpu(cpu);
    }
    const auto& kernel = stat_.kernel;
    records_.metric("kernel")
        .field("running", kernel.running)
        .field("blocked", kernel.blocked)
        .field("forks", kernel.forks)
        .field("context_switches", kernel.context_switches)
        .field("interrupts", kernel.interrupts);
  }

  void add_cpu(CpuTimes& cpu) {
    const auto used_percent = cpu_history_.update(cpu);
    if (cpu.core == kAllCores) total_used_percent_ = used_percent;
    char name[16];
    const auto end = std::to_chars(name, name + sizeof name, cpu.core).ptr;
    auto record = records_.metric("cpu");
    record.tag("cpu", cpu.core == kAllCores ? "total" : std::string_view(name, end));
    static constexpr std::string_view names[] = {"user", "nice",    "system", "idle", "iowait",
                                                 "irq",  "softirq", "steal",  "guest"};
    auto ticks = cpu.ticks;
    ticks[guest] += ticks[guest_nice];
    for (std::size_t state = user; state <= guest; ++state) {
      record.field(names[state], static_cast<double>(ticks[state]) / ticks_per_second_);
    }
    if (used_percent) record.field("used_percent", *used_percent);
  }

  void add_load(const Memory& memory) {
    const auto load = parse_load(loadavg_.require());
    char summary[64];
    std::snprintf(summary, sizeof summary, "load %.2f, memory %.0f %% used", load.one,
                  memory.used_percent());
    records_.metric("load")
        .field("one", load.one)
        .field("five", load.five)
        .field("fifteen", load.fifteen)
        .field("runnable", load.runnable)
        .field("threads", load.threads)
        .summary(summary);
    if (const auto text = uptime_.read()) {
      records_.metric("uptime").field("seconds", parse_uptime(*text));
    }
  }

  void add_memory(const Memory& memory) {
    records_.metric("memory")
        .field("total", memory.total)
        .field("free", memory.free)
        .field("available", memory.available)
        .field("used", memory.used())
        .field("used_percent", memory.used_percent())
        .field("buffers", memory.buffers)
        .field("cached", memory.cached)
        .field("shared", memory.shared)
        .field("slab", memory.slab)
        .field("reclaimable", memory.reclaimable)
        .field("anonymous", memory.anonymous)
        .field("mapped", memory.mapped)
        .field("page_tables", memory.page_tables)
        .field("kernel_stack", memory.kernel_stack)
        .field("dirty", memory.dirty)
        .field("writeback", memory.writeback)
        .field("committed", memory.committed);
  }

  void add_swap(const Memory& memory) {
    auto record = records_.metric("swap");
    record.field("total", memory.swap_total)
        .field("free", memory.swap_free)
        .field("used", memory.swap_used())
        .field("cached", memory.swap_cached);
    const auto text = vmstat_.read();
    if (!text) return;
    if (const auto traffic = parse_swap_traffic(*text)) {
      record.field("in", traffic->pages_in * page_size_)
          .field("out", traffic->pages_out * page_size_);
    }
  }

  void add_pressure(std::string_view resource, KeptFile& file) {
    const auto text = file.read();
    if (!text) return;  // a kernel without PSI
    const auto pressure = parse_pressure(*text);
    auto record = records_.metric("pressure");
    record.tag("resource", resource);
    if (const auto& some = pressure.some) {
      record.field("some_avg10", some->average_10s)
          .field("some_avg60", some->average_60s)
          .field("some_avg300", some->average_300s)
          .field("some_total", static_cast<double>(some->total_us) / 1e6);
    }
    if (const auto& full = pressure.full) {
      record.field("full_avg10", full->average_10s)
          .field("full_avg60", full->average_60s)
          .field("full_avg300", full->average_300s)
          .field("full_total", static_cast<double>(full->total_us) / 1e6);
    }
  }

  Root root_;
  bool per_core_;
  std::optional<std::uint32_t> dataset_;
  double ticks_per_second_ = static_cast<double>(::sysconf(_SC_CLK_TCK));
  std::uint64_t page_size_ = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  KeptFile stat_file_ = root_.file("/proc/stat");
  KeptFile loadavg_ = root_.file("/proc/loadavg");
  KeptFile uptime_ = root_.file("/proc/uptime");
  KeptFile meminfo_ = root_.file("/proc/meminfo");
  KeptFile vmstat_ = root_.file("/proc/vmstat");
  KeptFile diskstats_ = root_.file("/proc/diskstats");
  KeptFile net_dev_ = root_.file("/proc/net/dev");
  std::vector<DiskStats> disks_;  // kept for their memory
  std::vector<Interface> interfaces_;
  KeptFile cpu_pressure_ = root_.file("/proc/pressure/cpu");
  KeptFile memory_pressure_ = root_.file("/proc/pressure/memory");
  KeptFile io_pressure_ = root_.file("/proc/pressure/io");
  Stat stat_;
  CpuHistory cpu_history_;
  std::optional<double> total_used_percent_;
  sdk::Records records_;
  sdk::Rows rows_;
};

}  // namespace
}  // namespace unity::plugins::system

UNITY_PLUGIN(unity::sdk::polled<unity::plugins::system::System>("system"))
