// How a worker ended, whose doing that was, and what comes of it.
#include <fmt/format.h>

#include <algorithm>

#include "log/log.hpp"
#include "runtime/host_ends.hpp"
#include "workers/worker_collector.hpp"

namespace unity::host {
namespace {

// Of a pooled worker, between two runs and without a word of who it was; then each is for itself.
constexpr int kUnknownEndsMax = 3;

// Between the end of a worker and the start of the next: none after the first one, then longer and
// longer.
Duration restart_delay(int ends_in_a_row) {
  constexpr Duration first = std::chrono::seconds(1);
  constexpr Duration longest = std::chrono::minutes(1);
  if (ends_in_a_row < 2) return {};
  const int doublings = std::min(ends_in_a_row - 2, 6);
  return std::min(first * (1 << doublings), longest);
}

std::string during(Phase phase) {
  if (phase == Phase::idle) return "in a call";
  if (phase == Phase::load) return "while it was loaded";
  return fmt::format("during {}()", phase_text(phase));
}

}  // namespace

bool WorkerCollector::is_of_others(const WorkerEnd& end, std::uint32_t lane) const {
  if (end.culprit != CrashReport::kNoLane) return end.culprit != lane;
  return end.plugin && end.plugin->hash != spec_.image->hash;
}

// Whoever it was will show itself in a process of its own.
void WorkerCollector::leave_pool(const std::string& why) {
  spec_.pool.reset();
  log_warn("collector {} has a worker of its own from now on: the pooled one ended: {}",
           spec_.instance.id, why);
}

std::optional<RunResult> WorkerCollector::after_end(std::uint32_t lane) {
  const auto worker = std::exchange(worker_, nullptr);
  instance_ = 0;
  const auto end = workers_.end_of(worker);
  if (end && end->kill == kHostEnds) return failed(RunClass::cancelled, end->kill);
  if (!end) undying_ = worker;
  if (spec_.pool) {
    if (end && is_of_others(*end, lane)) return std::nullopt;
    leave_pool(end ? end->words() : "it does not die");
    if (!end || end->culprit == CrashReport::kNoLane) return std::nullopt;
  }
  auto offence = this->offence(end, during(worker->phase(lane)));
  auto result = failed(RunClass::internal, offence.reason);
  result.code = kWorkerEnded;
  result.retry_after = restart_delay(++ends_in_a_row_);
  return blame(std::move(offence)) ? quarantined() : std::move(result);
}

void WorkerCollector::after_end_between() {
  const auto worker = std::exchange(worker_, nullptr);
  instance_ = 0;
  const auto end = workers_.end_of(worker);
  if (end && end->kill == kHostEnds) return;
  if (spec_.pool) {
    if (end && is_of_others(*end, CrashReport::kNoLane)) return;
    // Somebody's thread, perhaps again and again without a call of its own in the worker.
    const bool known = end && end->plugin;
    if (known || ++unknown_ends_ == kUnknownEndsMax) {
      leave_pool(end ? end->words() : "it does not die");
    }
    return;
  }
  auto offence = this->offence(end, "between two runs");
  ended_between_ = offence.reason;
  log_warn("collector {}: {}", spec_.instance.id, offence.reason);
  blame(std::move(offence));
}

void WorkerCollector::after_end_in_destroy(std::uint32_t lane) {
  const auto end = workers_.end_of(worker_);
  if (end && end->kill == kHostEnds) return;
  if (spec_.pool && end && is_of_others(*end, lane)) return;
  auto offence = this->offence(end, "during destroy()");
  log_warn("collector {}: {}", spec_.instance.id, offence.reason);
  blame(std::move(offence));
}

Offence WorkerCollector::offence(const std::optional<WorkerEnd>& end, std::string_view when) const {
  return offence_of(end, spec_.instance.id,
                    end ? fmt::format("its worker ended {}: {}", when, end->words())
                        : fmt::format("its worker was killed {} and does not die", when));
}

bool WorkerCollector::blame(Offence offence) {
  if (offence.backtrace != backtrace_) {  // the same one again says nothing new
    backtrace_ = offence.backtrace;
    for (const auto& frame : backtrace_) log_warn("collector {}: {}", spec_.instance.id, frame);
  }
  return workers_.quarantine().offend(*spec_.image, std::move(offence));
}

RunResult WorkerCollector::quarantined() const {
  // It may have been released meanwhile, which the next run sees.
  return failed(
      RunClass::quarantined,
      workers_.quarantine().reason(spec_.image->hash).value_or("its file was in quarantine"));
}

}  // namespace unity::host
