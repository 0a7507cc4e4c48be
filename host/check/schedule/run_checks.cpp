#include "check/schedule/run_checks.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <string.h>

#include <signal.h>
#include <algorithm>
#include <fstream>
#include <map>
#include <optional>

#include "base/scratch_dir.hpp"
#include "check/schedule/child_process.hpp"

namespace unity::check {
namespace {

std::string place(const ChildEnd& end) {
  return end.phase.empty() ? "before its first step" : "in " + end.phase;
}

Findings findings_of(const ChildEnd& end) {
  if (!end.result.empty() && !end.timed_out && end.signal == 0 && end.exit_code == 0) {
    const auto value = json::parse(end.result);
    return Findings::from_json(value ? *value : json::Value());
  }
  Findings findings;
  if (end.timed_out) {
    findings.fail("it did not come to an end and was killed after {} s, {}",
                  std::chrono::duration_cast<std::chrono::seconds>(end.took).count(), place(end));
  } else if (end.signal == SIGXCPU || (end.signal == SIGKILL && end.fault.empty())) {
    findings.fail("it was killed by the limits on cpu time and memory, {}", place(end));
  } else if (end.signal != 0) {
    const char* name = ::sigabbrev_np(end.signal);
    findings.fail("the process died of SIG{} {}{}{}", name != nullptr ? name : "?", place(end),
                  end.fault.empty() ? "" : ": ", end.fault);
  } else {
    findings.fail("the process of the host was ended with exit code {} {}", end.exit_code,
                  place(end));
  }
  return findings;
}

class Run {
 public:
  // `folder`: for the checks to begin in.
  Run(const RunPlan& plan, host::ScratchDir folder) : plan_(plan), folder_(std::move(folder)) {}

  Result<Report> operator()() {
    if (auto written = write_options(); !written) return written.error();
    report_.plugin = plan_.plugin;
    report_.seed = plan_.options.seed;
    report_.results.resize(plan_.rules.size());
    while (done_ < plan_.rules.size()) {
      if (auto started = start_what_can(); !started) return started.error();
      if (!running_.empty()) wait_for_one();
    }
    return std::move(report_);
  }

 private:
  struct Running {
    std::size_t index;
    ChildProcess process;
  };
  enum class State { waiting, running, good, bad };

  Result<void> write_options() {
    std::ofstream file(folder_.path() / "options.json");
    file << json::dump(plan_.options.to_json());
    if (file.flush()) return {};
    return Error{Errc::unavailable,
                 fmt::format("cannot write below {}: {}; the checks need a folder to run in",
                             folder_.path().string(), strerror(errno))};
  }

  // The need that failed, if one did; null while one is not known yet sets `wait`.
  const Rule* broken_need(const Rule& rule, bool& wait) const {
    std::string_view rest = rule.needs;
    while (!rest.empty()) {
      const auto blank = rest.find(' ');
      const auto* need = find_rule(rest.substr(0, blank));
      rest = blank == rest.npos ? std::string_view() : rest.substr(blank + 1);
      const auto found = states_.find(need);
      if (found == states_.end()) {
        // Not asked for, or it stands further on and has not begun.
        wait |= std::find(plan_.rules.begin(), plan_.rules.end(), need) != plan_.rules.end();
      } else if (found->second == State::bad) {
        return need;
      } else if (found->second == State::running) {
        wait = true;
      }
    }
    return nullptr;
  }

  Result<void> start_what_can() {
    for (std::size_t i = 0; i < plan_.rules.size() && running_.size() < plan_.at_once; ++i) {
      const auto& rule = *plan_.rules[i];
      if (states_.contains(&rule)) continue;
      bool wait = false;
      if (const auto* need = broken_need(rule, wait)) {
        RuleResult result;
        result.findings.skip("{} {} failed, and this needs it", need->id, need->name);
        states_[&rule] = State::bad;
        close(i, std::move(result));
      } else if (!wait) {
        if (auto started = start(i); !started) return started;
      }
    }
    return {};
  }

  Result<void> start(std::size_t index) {
    const auto& rule = *plan_.rules[index];
    const auto folder = folder_.path() / rule.id;
    std::filesystem::create_directories(folder);
    ChildLimits limits;
    if (rule.group() == 'F') {
      limits.wall += plan_.options.fuzz;
      limits.cpu_seconds += static_cast<std::uint64_t>(
          4 * std::chrono::duration_cast<std::chrono::seconds>(plan_.options.fuzz).count());
    }
    auto process = ChildProcess::start({plan_.checker.string(), std::string(rule.id),
                                        std::filesystem::absolute(plan_.plugin).string(),
                                        (folder_.path() / "options.json").string()},
                                       folder, limits);
    if (!process) return process.error();
    states_[&rule] = State::running;
    running_.push_back({index, std::move(*process)});
    return {};
  }

  void wait_for_one() {
    std::vector<pollfd> ends;
    auto next = Instant::max();
    for (const auto& one : running_) {
      ends.push_back({one.process.pidfd(), POLLIN, 0});
      next = std::min(next, one.process.deadline());
    }
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(next - std::chrono::steady_clock::now());
    ::poll(ends.data(), ends.size(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    const auto now = std::chrono::steady_clock::now();
    std::vector<Running> still;
    for (std::size_t i = 0; i < running_.size(); ++i) {
      auto& one = running_[i];
      if (ends[i].revents != 0 || now >= one.process.deadline()) {
        take(one);
      } else {
        still.push_back(std::move(one));
      }
    }
    running_.swap(still);
  }

  void take(Running& one) {
    const auto& rule = *plan_.rules[one.index];
    const auto end = one.process.finish();
    RuleResult result;
    result.findings = findings_of(end);
    result.took = end.took;
    if (result.findings.failed()) result.output = end.output;
    states_[&rule] = result.findings.failed() ? State::bad : State::good;
    close(one.index, std::move(result));
  }

  void close(std::size_t index, RuleResult result) {
    result.rule = plan_.rules[index];
    result.verdict = result.findings.verdict();
    if (plan_.strict && result.verdict == Verdict::warn) result.verdict = Verdict::fail;
    ++done_;
    report_.results[index] = std::move(result);
    // In the order of the table, whatever order they end in.
    for (; told_ < report_.results.size() && report_.results[told_].rule != nullptr; ++told_) {
      if (plan_.told) plan_.told(report_.results[told_]);
    }
  }

  const RunPlan& plan_;
  const host::ScratchDir folder_;
  Report report_;
  std::vector<Running> running_;
  std::map<const Rule*, State> states_;
  std::size_t done_ = 0;
  std::size_t told_ = 0;
};

}  // namespace

Result<Report> run_checks(const RunPlan& plan) {
  auto folder = host::ScratchDir::make();
  if (!folder) return std::move(folder).error();
  return Run(plan, std::move(*folder))();
}

}  // namespace unity::check
