// E37, E38: tokens and deadlines.
#include <thread>

#include "check/behaviour/rules.hpp"
#include "check/behaviour/stage.hpp"

namespace unity::check {
namespace {

constexpr int kTriesMax = 50;
constexpr Duration kTogether = std::chrono::seconds(3);
constexpr Duration kInterruptMax = std::chrono::milliseconds(250);

double in_ms(Duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

void expect_in_time(const Subject& subject, const char* after, Duration latency,
                    Findings& findings) {
  const auto grace = subject.plugin.manifest.cancel_grace;
  if (latency > grace) {
    findings.fail("{}: it returned {:.0f} ms after {}; its manifest says {:.0f} ms",
                  subject.collector.name, in_ms(latency), after, in_ms(grace));
  }
}

// One run whose token is fired so long after it began. Returns how long it went on after that.
Duration cancelled_run(Instance& instance, Duration after, bool interrupts) {
  const auto fire = [&] {
    if (!instance.cancel()) return false;
    if (interrupts) instance.interrupt();
    return true;
  };
  if (instance.collector().streaming()) {
    Streaming stream(instance);
    std::this_thread::sleep_for(after);
    const auto fired = std::chrono::steady_clock::now();
    fire();
    stream.stop();
    return std::chrono::steady_clock::now() - fired;
  }
  Instant returned{};
  std::thread thread([&] {
    (void)instance.collect();
    returned = std::chrono::steady_clock::now();
  });
  std::this_thread::sleep_for(after);
  const auto fired = std::chrono::steady_clock::now();
  const bool cancelled = fire();
  thread.join();
  // It was over, or not begun: then it went on undisturbed.
  return cancelled ? std::max(returned - fired, Duration::zero()) : Duration::zero();
}

}  // namespace

void check_cancelling(const Context& context, Findings& findings) {
  auto& world = World::get();
  Random random(context.options.seed);
  for_each_subject(context, findings, [&](const Subject& subject) {
    const bool interrupts = subject.collector.table.interrupt != nullptr;
    Instance instance(subject.collector, "one", subject.config);
    if (!create_or_skip(instance, findings)) return;
    // The best of some: the machine may be busy, the plugin may not.
    const auto interrupted = [&] {
      auto best = instance.interrupt();
      for (int i = 0; i < 2; ++i) best = std::min(best, instance.interrupt());
      return best;
    };
    if (interrupts && interrupted() > kInterruptMax) {
      findings.fail("{}: interrupt() without a call in progress blocks", subject.collector.name);
    }
    CallTerms already;
    already.cancelled = true;
    if (!subject.collector.streaming()) {
      const auto run = instance.collect(already);
      expect_in_time(subject, "it was called with its token fired", run.took, findings);
    }
    const auto usual = subject.collector.streaming() ? Outcome() : instance.collect();
    const auto length = subject.collector.streaming()
                            ? Duration(std::chrono::milliseconds(100))
                            : std::max<Duration>(usual.took, std::chrono::microseconds(50));
    const auto began = std::chrono::steady_clock::now();
    Duration worst{};
    int tries = 0;
    for (; tries < kTriesMax && std::chrono::steady_clock::now() - began < kTogether; ++tries) {
      const auto after = Duration(
          static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(length.count() + 1)));
      worst = std::max(worst, cancelled_run(instance, after, interrupts && tries % 2 == 1));
    }
    expect_in_time(subject, "its token was fired", worst, findings);
    findings.remark("{}: cancelled {} times, returned within {:.1f} ms", subject.collector.name,
                    tries, in_ms(worst));
    // The instance is not done for: the next call has a token of its own.
    const auto after = instance.work();
    if (usual.good() && !after.good()) {
      findings.fail("{}: after it was cancelled, a run that is not fails with {}",
                    subject.collector.name, after.text());
    }
  });
  world.breaches.report(Breach::token, findings);
}

void check_deadlines(const Context& context, Findings& findings) {
  for_each_subject(context, findings, [&](const Subject& subject) {
    if (subject.collector.streaming()) {
      return findings.skip("{}: a streaming one has no deadline", subject.collector.name);
    }
    Instance instance(subject.collector, "one", subject.config);
    if (!create_or_skip(instance, findings)) return;
    // One that cannot be done in a millisecond may fail, but it must know when its time is up.
    const auto usual = instance.collect();
    struct Case {
      const char* what;
      std::int64_t deadline_ns;
    };
    for (const auto& [what, deadline_ns] :
         {Case{"a deadline in a millisecond", 1'000'000}, Case{"a deadline that is now", 0},
          Case{"a deadline a second ago", -1'000'000'000}}) {
      CallTerms terms;
      terms.deadline_ns = deadline_ns;
      const auto run = instance.collect(terms);
      const auto allowed = std::max(usual.took, Duration(std::max<std::int64_t>(deadline_ns, 0)));
      expect_in_time(subject, what, run.took - std::min(run.took, allowed), findings);
      if (usual.good() && run.status < 0 && run.status != UNITY_E_CANCELLED &&
          !run.gave_a_reason()) {
        findings.fail("{}: with {} it fails with {} and gives no reason", subject.collector.name,
                      what, status_text(run.status));
      }
    }
    if (const auto after = instance.collect(); usual.good() && !after.good()) {
      findings.fail("{}: after a call with too little time it fails with {}",
                    subject.collector.name, after.text());
    }
  });
}

}  // namespace unity::check
