// E30, E31, E32, E44: what it emits, whatever the host and its clocks do, and what it must not let
// out.
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "check/behaviour/rows.hpp"
#include "check/behaviour/rules.hpp"
#include "check/behaviour/stage.hpp"
#include "check/process/facts.hpp"
#include "unity/core/json/schema.hpp"

namespace unity::check {
namespace {

constexpr int kRuns = 5;
constexpr std::int64_t kFaultsMax = 40;
constexpr std::int64_t kHourNs = std::int64_t{3600} * 1'000'000'000;

void pause_ms(long milliseconds) {
  const timespec moment{0, milliseconds * 1'000'000};
  ::nanosleep(&moment, nullptr);
}

std::string file_text(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// With every option that refers to a secret set.
std::string with_secrets(const Subject& subject, bool& any) {
  auto config = json::parse(subject.config);
  const auto* properties = subject.collector.spec->config_schema.find("properties");
  if (!config || properties == nullptr || properties->object() == nullptr) return subject.config;
  for (const auto& [name, property] : *properties->object()) {
    const auto* reference = property.find("$ref");
    if (reference == nullptr || *reference != "unity:secret") continue;
    json::Value secret;
    secret.set("$secret", name);
    config->set(name, std::move(secret));
    any = true;
  }
  return json::dump(*config);
}

void expect_no_canary(const std::string& text, const char* where, Findings& findings) {
  if (text.find(kCanary) != text.npos) findings.fail("the value of a secret is in {}", where);
}

}  // namespace

void check_rows(const Context& context, Findings& findings) {
  auto& world = World::get();
  for_each_subject(context, findings, [&](const Subject& subject) {
    Instance instance(subject.collector, "one", subject.config);
    if (!create_or_skip(instance, findings)) return;
    std::size_t records = 0;
    int good = 0;
    const int runs = subject.collector.streaming() ? 2 : kRuns;
    for (int i = 0; i < runs; ++i) {
      const auto run = instance.work();
      if (!run.good()) {
        if (!run.gave_a_reason()) {
          findings.warn("{}: a run fails with {} and gives no reason", subject.collector.name,
                        status_text(run.status));
        } else {
          findings.remark("{}: a run fails with {}", subject.collector.name, run.text());
        }
        continue;
      }
      ++good;
      records += check_records(subject.plugin.manifest, *subject.collector.spec, run,
                               world.now_unix_ns(), findings);
      // What a thread of the plugin emits after the return comes now if at all.
      pause_ms(20);
    }
    if (good == 0) {
      findings.skip("{}: no run succeeds; give options with which it works by --config",
                    subject.collector.name);
    } else if (records == 0) {
      findings.warn("{}: {} runs emit no record", subject.collector.name, good);
    } else {
      findings.remark("{}: {} records in {} runs", subject.collector.name, records, good);
    }
  });
  pause_ms(50);
  world.breaches.report(Breach::late, findings);
}

void check_host_faults(const Context& context, Findings& findings) {
  auto& world = World::get();
  for_each_subject(context, findings, [&](const Subject& subject) {
    world.plan = {};
    world.reset_fallible_calls();
    (void)live(subject);
    const bool streaming = subject.collector.streaming();
    const auto calls = std::min<std::int64_t>(world.fallible_calls(), streaming ? 4 : kFaultsMax);
    static constexpr unity_status kAll[] = {UNITY_E_INTERNAL, UNITY_E_LIMIT, UNITY_E_DENIED,
                                            UNITY_E_AGAIN};
    for (std::int64_t i = 0; i < calls; ++i) {
      for (const auto fault : kAll) {
        for (const bool stays : {false, true}) {
          if (streaming && (stays || fault == UNITY_E_DENIED)) continue;
          world.plan = {};
          world.plan.fault_at = i;
          world.plan.fault = fault;
          world.plan.fault_stays = stays;
          world.reset_fallible_calls();
          const auto life =
              live(subject, fmt::format("one, call {} answered {}", i, status_text(fault)));
          for (const auto& run : life.worked) {
            if (run.refused < 0 && run.status == UNITY_OK && !run.failure) {
              findings.fail(
                  "{}: the host refused a batch with {} and the run returned UNITY_OK: "
                  "records are lost without a word",
                  subject.collector.name, status_text(run.refused));
            }
          }
        }
      }
    }
    world.plan = {};
    findings.remark("{}: {} calls of the host failed in turn", subject.collector.name, calls);
  });
}

void check_secrets(const Context& context, Findings& findings) {
  auto& world = World::get();
  for_each_subject(context, findings, [&](const Subject& subject) {
    bool any = false;
    const auto config = with_secrets(subject, any);
    const Subject keeper{subject.collector, subject.plugin, config};
    live_well_and_badly(keeper, findings);
    if (!any && world.secrets_given() == 0) {
      findings.skip("{}: it asks for no secret", subject.collector.name);
    }
  });
  world.breaches.report(Breach::secret, findings);
  expect_no_canary(file_text("/proc/self/environ"), "the environment", findings);
  expect_no_canary(file_text("/proc/self/cmdline"), "the command line", findings);
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    expect_no_canary(*variable, "the environment", findings);
  }
  // Standard output and error lead to one file, which the command keeps.
  ::fflush(nullptr);
  struct stat output {};
  if (::fstat(STDOUT_FILENO, &output) == 0 && S_ISREG(output.st_mode)) {
    expect_no_canary(file_text("/proc/self/fd/1"), "what it wrote to standard output or error",
                     findings);
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(work_folder())) {
    if (entry.is_regular_file()) {
      expect_no_canary(file_text(entry.path().c_str()), "a file that it wrote", findings);
    }
  }
}

void check_clocks(const Context& context, Findings& findings) {
  auto& world = World::get();
  for_each_subject(context, findings, [&](const Subject& subject) {
    world.plan = {};
    const auto base = world.plan.mono_ahead_ns;
    Instance instance(subject.collector, "one", subject.config);
    if (!create_or_skip(instance, findings)) return;
    const auto usual = instance.work();
    if (!usual.good()) {
      return findings.skip("{}: it fails with {}; give options with which it works by --config",
                           subject.collector.name, usual.text());
    }
    // What is wrong with the records at any time is E30's.
    Findings always;
    check_records(subject.plugin.manifest, *subject.collector.spec, usual, world.now_unix_ns(),
                  always);
    struct Jump {
      const char* what;
      std::int64_t unix_ns;
      std::uint64_t mono_ns;
    };
    const Jump jumps[] = {
        {"the clock was set an hour back", -kHourNs, 0},
        {"the clock was set a day ahead", 24 * kHourNs, 0},
        {"the clock was set to 1970", -world.now_unix_ns() + kHourNs, 0},
        {"the clock was set ten years ahead", std::int64_t{87'660} * kHourNs, 0},
        {"the machine slept for a day", 24 * kHourNs, 24 * static_cast<std::uint64_t>(kHourNs)},
        {"nothing more happened to the clock", 0, 48 * static_cast<std::uint64_t>(kHourNs)},
    };
    for (const auto& jump : jumps) {
      world.plan.unix_ahead_ns = jump.unix_ns;
      world.plan.mono_ahead_ns = base + jump.mono_ns;
      const auto run = instance.work();
      if (!run.good()) {
        findings.fail("{}: after {} a run fails with {}", subject.collector.name, jump.what,
                      run.text());
        continue;
      }
      Findings records;
      check_records(subject.plugin.manifest, *subject.collector.spec, run, world.now_unix_ns(),
                    records);
      for (const auto& finding : records.all()) {
        const auto same = [&](const Finding& known) { return known.text == finding.text; };
        if (std::any_of(always.all().begin(), always.all().end(), same)) continue;
        findings.fail("{}: after {}: {}", subject.collector.name, jump.what, finding.text);
      }
    }
    world.plan = {};
  });
}

}  // namespace unity::check
