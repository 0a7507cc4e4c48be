// E25: an instance that is destroyed leaves nothing.
#include "check/behaviour/rules.hpp"
#include "check/behaviour/stage.hpp"
#include "check/process/facts.hpp"

namespace unity::check {
namespace {

// Several stretches of so many rounds: what grows in each of them, grows with the rounds.
constexpr std::size_t kStretches = 4;
constexpr int kRounds = 25;
constexpr int kStreamRounds = 4;  // these take a while each
constexpr std::uint64_t kHeapPerRound = 8;
// A stream is a thread, whose own memory comes and goes at the system's leisure.
constexpr std::uint64_t kHeapPerStream = 256;
constexpr std::uint64_t kMappedPerRound = 4096;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

struct Holdings {
  std::uint64_t heap = heap_in_use();
  std::uint64_t mapped = data_mapped();
  std::uint64_t descriptors = open_descriptors().size();
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
    (void)instance.work();
  }
  return true;
}

}  // namespace

void check_life_leaks(const Context& context, Findings& findings) {
  for_each_subject(context, findings, [&](const Subject& subject) {
    const bool streaming = subject.collector.streaming();
    const int count = streaming ? kStreamRounds : kRounds;
    const auto threads = thread_count();
    std::vector<Holdings> held;
    for (std::size_t i = 0; i <= kStretches; ++i) {
      if (!rounds(subject, count, findings)) return;
      held.emplace_back();
    }
    const auto& name = subject.collector.name;
    const auto leaves = [&](auto Holdings::*what, std::uint64_t each, std::string_view of_what) {
      for (std::size_t i = 1; i < held.size(); ++i) {
        if (held[i].*what < held[i - 1].*what + each * static_cast<std::uint64_t>(count)) return;
      }
      findings.fail("{}: each create(), {}() and destroy() leave {} {}", name,
                    streaming ? "stream" : "collect",
                    (held.back().*what - held.front().*what) /
                        (kStretches * static_cast<std::uint64_t>(count)),
                    of_what);
    };
    leaves(&Holdings::heap, streaming ? kHeapPerStream : kHeapPerRound, "bytes allocated");
    // A sanitizer maps more as it goes, to keep what was freed.
    if (!kSanitized) leaves(&Holdings::mapped, kMappedPerRound, "bytes mapped");
    leaves(&Holdings::descriptors, 1, "descriptors open");
    if (const auto now = thread_count_settled(threads); now > threads) {
      findings.fail("{}: {} threads are left after {} rounds", name, now - threads,
                    static_cast<int>(held.size()) * count);
    }
  });
}

}  // namespace unity::check
