// E40: collectors that go on until they are told to stop.
#include <algorithm>

#include "check/behaviour/rules.hpp"
#include "check/behaviour/stage.hpp"
#include "check/process/facts.hpp"

namespace unity::check {
namespace {

constexpr Duration kReadyMax = std::chrono::seconds(5);
constexpr Duration kPressure = std::chrono::milliseconds(1500);
constexpr std::uint64_t kGrowthMax = std::uint64_t{32} << 20;
constexpr std::uint64_t kRoom = 4096;  // bytes that the host lets wait
constexpr std::size_t kCheckpointsMax = 5;

std::vector<std::string> checkpoints_of(const Outcome& outcome) {
  std::vector<std::string> found;
  for (const auto& batch : outcome.batches) {
    if (!batch.checkpoint.empty() &&
        std::find(found.begin(), found.end(), batch.checkpoint) == found.end()) {
      found.push_back(batch.checkpoint);
    }
  }
  if (found.size() > kCheckpointsMax) found.resize(kCheckpointsMax);
  return found;
}

// Nobody takes what it emits: it must wait, or drop, but not hoard; and go on when there is room.
void press_back(const Subject& subject, Findings& findings) {
  auto& world = World::get();
  world.plan.stream_room = kRoom;
  Instance instance(subject.collector, "one", subject.config);
  if (!create_or_skip(instance, findings)) return;
  Streaming stream(instance);
  stream.wait_for_push_back(kReadyMax);
  const auto heap = heap_in_use();
  stream.wait_for(UINT64_MAX, kPressure);
  if (const auto now = heap_in_use(); now > heap + kGrowthMax) {
    findings.fail("{}: with nobody taking its records it grew by {} MiB in {} ms",
                  subject.collector.name, (now - heap) >> 20,
                  std::chrono::duration_cast<std::chrono::milliseconds>(kPressure).count());
  }
  if (stream.over()) {
    const auto outcome = stream.stop();
    if (outcome.status < 0) {
      findings.fail("{}: it gave up with {} when the host's queue was full", subject.collector.name,
                    outcome.text());
    }
  } else if (stream.pushed_back() > 0) {
    const auto before = stream.accepted();
    stream.drain();
    if (!stream.wait_for(before + 1, kReadyMax)) {
      findings.fail("{}: once pushed back, it emits nothing when there is room again",
                    subject.collector.name);
    }
    stream.stop();
  }
  world.plan = {};
}

void restart(const Subject& subject, const std::string& checkpoint, bool own, Findings& findings) {
  Instance instance(subject.collector, "one", subject.config, checkpoint);
  const auto created = instance.create();
  if (created.status < 0 && own) {
    return findings.fail("{}: with a checkpoint of its own create() fails with {}",
                         subject.collector.name, created.text());
  }
  if (created.status < 0 || !instance.made()) return;
  const auto outcome = instance.work();
  if (!outcome.good() && own) {
    findings.fail("{}: with a checkpoint of its own it fails with {}", subject.collector.name,
                  outcome.text());
  }
}

}  // namespace

void check_streaming(const Context& context, Findings& findings) {
  auto& world = World::get();
  for_each_subject(context, findings, [&](const Subject& subject) {
    if (!subject.collector.streaming()) {
      return findings.skip("{}: it is polled", subject.collector.name);
    }
    std::vector<std::string> checkpoints;
    {
      const auto threads = thread_count();
      Instance instance(subject.collector, "one", subject.config);
      if (!create_or_skip(instance, findings)) return;
      Streaming stream(instance);
      if (!stream.wait_for(0, kReadyMax) && !stream.over()) {
        findings.fail("{}: it has not said ready() after {} s", subject.collector.name,
                      std::chrono::duration_cast<std::chrono::seconds>(kReadyMax).count());
      }
      stream.wait_for(3, std::chrono::milliseconds(500));
      const bool by_itself = stream.over();
      const auto outcome = stream.stop();
      if (by_itself && outcome.status < 0 && !outcome.gave_a_reason()) {
        findings.fail("{}: it ends with {} and gives no reason", subject.collector.name,
                      status_text(outcome.status));
      }
      checkpoints = checkpoints_of(outcome);
      instance.destroy();
      if (const auto now = thread_count_settled(threads); now > threads) {
        findings.fail("{}: {} threads are left after it was destroyed", subject.collector.name,
                      now - threads);
      }
    }
    press_back(subject, findings);
    for (const auto& checkpoint : checkpoints) restart(subject, checkpoint, true, findings);
    restart(subject, "no checkpoint of yours \xff", false, findings);
    findings.remark("{}: {} checkpoints tried", subject.collector.name, checkpoints.size());
  });
  world.breaches.report(Breach::ready, findings);
}

}  // namespace unity::check
