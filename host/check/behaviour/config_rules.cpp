// E26, E27, E39: the options it is given, and what it does when it cannot work with them.
#include <unistd.h>

#include "check/behaviour/rules.hpp"
#include "check/behaviour/stage.hpp"
#include "check/process/facts.hpp"

namespace unity::check {
namespace {

constexpr std::size_t kConfigsMax = 80;

std::vector<LabelledConfig> configs_of(const Subject& subject) {
  const auto usual = json::parse(subject.config);
  auto configs = bound_configs(*subject.collector.spec, usual ? *usual : json::Value());
  if (configs.size() > kConfigsMax) configs.resize(kConfigsMax);
  return configs;
}

// One way to make create() fail.
struct Trouble {
  std::string label;
  std::string config;
  Plan plan;
  CallTerms terms;
};

std::vector<Trouble> troubles_of(const Subject& subject) {
  std::vector<Trouble> troubles;
  for (const auto& config : configs_of(subject)) {
    troubles.push_back({"with " + config.label, json::dump(config.config), {}, {}});
  }
  for (const auto fault : {UNITY_E_INTERNAL, UNITY_E_DENIED, UNITY_E_NOT_FOUND}) {
    Plan plan;
    plan.fault_at = 0;
    plan.fault = fault;
    plan.fault_stays = true;
    troubles.push_back({"when the host answers " + status_text(fault), subject.config, plan, {}});
  }
  CallTerms cancelled;
  cancelled.cancelled = true;
  troubles.push_back({"when it is cancelled before it begins", subject.config, {}, cancelled});
  CallTerms late;
  late.deadline_ns = -1'000'000'000;
  troubles.push_back({"when its deadline has passed", subject.config, {}, late});
  return troubles;
}

Outcome try_to_create(const Subject& subject, const Trouble& trouble) {
  World::get().plan = trouble.plan;
  World::get().reset_fallible_calls();
  Instance instance(subject.collector, "one", trouble.config);
  return instance.create(trouble.terms);
}

// Whether a failing create() leaves something each time.
void check_leftovers(const Subject& subject, const Trouble& trouble, Findings& findings) {
  constexpr int kRounds = 20;
  const auto round = [&] {
    for (int i = 0; i < kRounds; ++i) (void)try_to_create(subject, trouble);
  };
  const auto threads = thread_count();
  round();
  const auto heap = heap_in_use();
  const auto descriptors = open_descriptors().size();
  round();
  const auto middle = heap_in_use();
  round();
  if (open_descriptors().size() >= descriptors + 2 * kRounds) {
    findings.fail("each create() that fails {} leaves a descriptor open", trouble.label);
  }
  if (middle >= heap + 8 * kRounds && heap_in_use() >= middle + 8 * kRounds) {
    findings.fail("each create() that fails {} leaves {} bytes allocated", trouble.label,
                  (middle - heap) / kRounds);
  }
  if (const auto now = thread_count_settled(threads); now > threads) {
    findings.fail("create() that fails {} leaves {} threads", trouble.label, now - threads);
  }
}

}  // namespace

void check_life_config(const Context& context, Findings& findings) {
  for_each_subject(context, findings, [&](const Subject& subject) {
    const auto configs = configs_of(subject);
    // One that never works is E30's.
    const bool works = live(subject).last().good();
    std::size_t refused = 0;
    for (const auto& config : configs) {
      const auto life = live_with(subject, json::dump(config.config),
                                  fmt::format("one with {}", config.label), 1);
      if (life.created.status >= 0 && !life.made) {
        findings.fail("{}: with {} create() succeeds and makes no instance", subject.collector.name,
                      config.label);
      }
      if (life.last().good()) continue;
      ++refused;
      if (works && !life.last().gave_a_reason()) {
        findings.fail("{}: with {} it fails with {} and gives no reason", subject.collector.name,
                      config.label, status_text(life.last().status));
      }
    }
    findings.remark("{}: {} sets of options tried, {} refused", subject.collector.name,
                    configs.size(), refused);
  });
}

void check_life_failure(const Context& context, Findings& findings) {
  for_each_subject(context, findings, [&](const Subject& subject) {
    std::size_t failed = 0;
    for (const auto& trouble : troubles_of(subject)) {
      const auto outcome = try_to_create(subject, trouble);
      if (outcome.status >= 0) continue;
      if (!outcome.gave_a_reason() && outcome.status != UNITY_E_CANCELLED) {
        findings.fail("{}: {} create() fails with {} and gives no reason", subject.collector.name,
                      trouble.label, status_text(outcome.status));
      }
      if (++failed <= 5) check_leftovers(subject, trouble, findings);
    }
    World::get().plan = {};
    if (failed == 0) {
      findings.remark("{}: nothing that was tried makes create() fail", subject.collector.name);
    }
  });
}

void check_reconfigure(const Context& context, Findings& findings) {
  for_each_subject(context, findings, [&](const Subject& subject) {
    if (subject.collector.table.reconfigure == nullptr) {
      return findings.skip("{}: it has no reconfigure(): it is made anew instead",
                           subject.collector.name);
    }
    Instance instance(subject.collector, "one", subject.config);
    if (!create_or_skip(instance, findings)) return;
    const bool works = instance.work().good();
    const auto step = [&](const std::string& label, const std::string& config, bool same) {
      const auto outcome = instance.reconfigure(config);
      if (outcome.status == UNITY_E_UNSUPPORTED) return;
      if (outcome.status < 0 && same) {
        findings.fail("{}: reconfigure() with the options it has fails with {}",
                      subject.collector.name, outcome.text());
      } else if (outcome.status < 0 && !outcome.gave_a_reason()) {
        findings.fail("{}: reconfigure() with {} fails with {} and gives no reason",
                      subject.collector.name, label, status_text(outcome.status));
      }
      // What it refused must have changed nothing.
      if ((same || outcome.status < 0) && works) {
        if (const auto after = instance.work(); !after.good()) {
          findings.fail("{}: after reconfigure() with {} it fails with {}", subject.collector.name,
                        label, after.text());
        }
      }
    };
    step("the same options", subject.config, true);
    const auto configs = configs_of(subject);
    for (std::size_t i = 0; i < configs.size() && i < 20; ++i) {
      step(configs[i].label, json::dump(configs[i].config), false);
    }
    (void)instance.reconfigure(subject.config);
    step("the same options again", subject.config, true);
  });
}

}  // namespace unity::check
