#include "system/cpu.hpp"

#include <algorithm>

namespace unity::plugins::system {
namespace {

constexpr std::string_view kTimes = "cpu times";
constexpr int kCoresMax = 65536;  // a larger number is no core
// A larger step back is no rounding: the core was offline and starts anew.
constexpr std::uint64_t kStepBackMax = 6000;

CpuTimes parse_cpu(const Lines& lines, std::string_view name, Fields& fields) {
  CpuTimes cpu;
  name.remove_prefix(3);
  if (!name.empty() && (!parse_number(name, cpu.core) || cpu.core < 0 || cpu.core >= kCoresMax)) {
    lines.malformed(kTimes);
  }
  // Kernels before 2.6.33 have fewer states, never fewer than four.
  for (std::size_t state = 0; state < kCpuStates; ++state) {
    const auto word = fields.next();
    if (word.empty() && state > idle) break;
    if (!parse_number(word, cpu.ticks[state])) lines.malformed(kTimes);
  }
  return cpu;
}

}  // namespace

void parse_stat(const Text& text, Stat& out) {
  out.cpus.clear();
  out.kernel = {};
  Lines lines(text);
  while (lines.next()) {
    Fields fields(lines.line());
    const auto name = fields.next();
    if (name.starts_with("cpu")) {
      out.cpus.push_back(parse_cpu(lines, name, fields));
    } else if (name == "intr") {
      out.kernel.interrupts = lines.number(fields, "interrupts");
    } else if (name == "ctxt") {
      out.kernel.context_switches = lines.number(fields, "context switches");
    } else if (name == "processes") {
      out.kernel.forks = lines.number(fields, "forks");
    } else if (name == "procs_running") {
      out.kernel.running = lines.number(fields, "running processes");
    } else if (name == "procs_blocked") {
      out.kernel.blocked = lines.number(fields, "blocked processes");
    } else if (out.cpus.empty()) {
      lines.malformed(kTimes);  // they always come first
    }
  }
  if (out.cpus.empty()) missing(kTimes, text.path);
}

std::optional<double> CpuHistory::update(CpuTimes& now) {
  const auto index = static_cast<std::size_t>(now.core + 1);
  if (index >= slots_.size()) slots_.resize(index + 1);
  auto& before = slots_[index];

  std::optional<double> used_percent;
  if (before.seen) {
    for (const auto state : {idle, iowait}) {
      const auto last = before.ticks[state];
      if (now.ticks[state] < last && last - now.ticks[state] < kStepBackMax) {
        now.ticks[state] = last;
      }
    }
    // Signed: after a restart of the counters all of it is meaningless, and shows as negative.
    double total = 0;
    double rest = 0;
    for (std::size_t state = user; state <= steal; ++state) {
      const auto delta =
          static_cast<double>(now.ticks[state]) - static_cast<double>(before.ticks[state]);
      total += delta;
      if (state == idle || state == iowait) rest += delta;
    }
    if (total > 0) used_percent = std::clamp(100 * (total - rest) / total, 0.0, 100.0);
  }
  before = {true, now.ticks};
  return used_percent;
}

}  // namespace unity::plugins::system
