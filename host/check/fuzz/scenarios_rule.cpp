// F46: many scenarios, or the one that is to be looked at again.
#include "check/fuzz/rules.hpp"
#include "check/fuzz/scenario.hpp"
#include "check/process/facts.hpp"

namespace unity::check {
namespace {

constexpr int kScenarios = 30;
constexpr Duration kLongest = std::chrono::seconds(15);  // unless it is asked for more

}  // namespace

void check_scenarios(const Context& context, Findings& findings) {
  const Plugin* plugin = nullptr;
  std::vector<std::string> configs;
  for_each_subject(context, findings, [&](const Subject& subject) {
    plugin = &subject.plugin;
    configs.push_back(subject.config);
  });
  if (plugin == nullptr || configs.size() != plugin->collectors.size()) return;
  const auto& options = context.options;
  if (options.reproduce) {
    play_scenario(*plugin, configs, options.seed, findings);
    return findings.remark("played scenario {}", options.seed);
  }
  const auto threads = thread_count();
  const auto descriptors = open_descriptors().size();
  Random seeds(options.seed);
  const auto began = std::chrono::steady_clock::now();
  int played = 0;
  for (;; ++played) {
    const auto spent = std::chrono::steady_clock::now() - began;
    if (options.fuzz > Duration::zero() ? spent >= options.fuzz
                                        : played >= kScenarios || spent >= kLongest) {
      break;
    }
    // Short enough to type.
    play_scenario(*plugin, configs, seeds() % 1'000'000'000, findings);
    if (findings.failed()) break;
  }
  if (const auto now = thread_count_settled(threads); now > threads) {
    findings.fail("{} threads are left after {} scenarios from seed {}", now - threads, played,
                  options.seed);
  }
  if (const auto now = open_descriptors().size(); now > descriptors) {
    findings.fail("{} descriptors are left open after {} scenarios from seed {}", now - descriptors,
                  played, options.seed);
  }
  findings.remark("{} scenarios from seed {}", played, options.seed);
}

}  // namespace unity::check
