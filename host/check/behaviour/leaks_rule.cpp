// E25: an instance that is destroyed leaves nothing.
#include "check/behaviour/rules.hpp"
#include "check/behaviour/stage.hpp"
#include "check/process/facts.hpp"

namespace unity::check {
namespace {

// Two halves of so many rounds: what grows in both, grows with the rounds.
constexpr int kWarmUp = 20;
constexpr int kHalf = 40;
// Streaming takes a while each time.
constexpr int kStreamRounds = 4;
constexpr std::uint64_t kHeapPerRound = 8;
constexpr std::uint64_t kMappedPerRound = 4096;

struct Holdings {
  std::uint64_t heap = heap_in_use();
  std::uint64_t mapped = data_mapped();
  std::size_t descriptors = open_descriptors().size();
  std::size_t threads = thread_count();
};

// False if an instance cannot be made.
bool rounds(const Subject& subject, int count, Findings& findings) {
  for (int i = 0; i < count; ++i) {
    Instance instance(subject.collector, "one", subject.config);
    const auto created = instance.create();
    if (created.status >= 0 && !instance.made()) {
      findings.fail("create() succeeds without making an instance");
      return false;
    }
    if (created.status < 0) {
      findings.skip("create() failed with {}; give options with which it works by --config",
                    created.text());
      return false;
    }
    // Streams cost time: once in a while will do, for what they leave behind.
    if (!subject.collector.streaming() || i < kStreamRounds) (void)instance.work();
  }
  return true;
}

}  // namespace

void check_life_leaks(const Context& context, Findings& findings) {
  for_each_subject(context, findings, [&](const Subject& subject) {
    const auto threads = thread_count();
    if (!rounds(subject, kWarmUp, findings)) return;
    const Holdings first;
    if (!rounds(subject, kHalf, findings)) return;
    const Holdings middle;
    if (!rounds(subject, kHalf, findings)) return;
    const Holdings last;
    const auto grows = [&](std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t each) {
      return b >= a + each * kHalf && c >= b + each * kHalf;
    };
    const auto per_round = [](std::uint64_t from, std::uint64_t to) {
      return (to - from) / (2 * kHalf);
    };
    const auto& name = subject.collector.name;
    if (grows(first.heap, middle.heap, last.heap, kHeapPerRound)) {
      findings.fail("{}: each create(), {}() and destroy() leave {} bytes allocated", name,
                    subject.collector.streaming() ? "stream" : "collect",
                    per_round(first.heap, last.heap));
    } else if (grows(first.mapped, middle.mapped, last.mapped, kMappedPerRound)) {
      findings.fail("{}: each round leaves {} bytes mapped", name,
                    per_round(first.mapped, last.mapped));
    }
    if (grows(first.descriptors, middle.descriptors, last.descriptors, 1)) {
      findings.fail("{}: each round leaves {} descriptors open", name,
                    per_round(first.descriptors, last.descriptors));
    }
    if (const auto now = thread_count_settled(threads); now > threads) {
      findings.fail("{}: {} threads are left after {} rounds", name, now - threads,
                    kWarmUp + 2 * kHalf);
    }
  });
}

}  // namespace unity::check
