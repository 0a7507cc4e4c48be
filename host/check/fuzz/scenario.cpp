#include "check/fuzz/scenario.hpp"

#include <memory>

namespace unity::check {
namespace {

constexpr std::size_t kStepsMax = 24;
constexpr std::size_t kInstancesMax = 3;
constexpr std::size_t kToldMax = 12;  // steps of a finding's text

constexpr Breach kAll[] = {Breach::parameter, Breach::later,    Breach::crosstalk, Breach::late,
                           Breach::secret,    Breach::pointer,  Breach::thread,    Breach::token,
                           Breach::ready,     Breach::exception};

class Scenario {
 public:
  Scenario(const Plugin& plugin, const std::vector<std::string>& configs, std::uint64_t seed)
      : plugin_(plugin), configs_(configs), seed_(seed), random_(seed) {}

  void play(Findings& findings) {
    auto& world = World::get();
    world.plan = random_plan();
    world.reset_fallible_calls();
    world.set_state({});
    const auto steps = 4 + pick(kStepsMax - 4);
    for (std::size_t i = 0; i < steps; ++i) step();
    while (!instances_.empty()) drop(0);
    world.plan = {};
    Findings seen;
    for (const auto kind : kAll) world.breaches.report(kind, seen);
    for (const auto& finding : seen.all()) {
      findings.fail("scenario {} ({}): {}; run it again with --reproduce {}", seed_, told(),
                    finding.text, seed_);
    }
  }

 private:
  std::size_t pick(std::size_t count) { return static_cast<std::size_t>(random_() % count); }
  bool chance(std::size_t of_ten) { return pick(10) < of_ten; }

  Plan random_plan() {
    Plan plan;
    plan.fence_tables = chance(3);
    plan.fence_texts = chance(3);
    plan.poison = chance(3);
    plan.bare = chance(2);
    plan.later_slots = chance(3) ? 4 : 0;
    plan.config_tail = chance(3) ? 32 : 0;
    plan.abi = plan.later_slots != 0 ? UNITY_ABI(1, 99) : UNITY_ABI_LATEST;
    if (chance(5)) {
      static constexpr unity_status faults[] = {UNITY_E_INTERNAL, UNITY_E_LIMIT, UNITY_E_DENIED,
                                                UNITY_E_NOT_FOUND, UNITY_E_TRANSIENT};
      plan.fault_at = static_cast<std::int64_t>(pick(12));
      plan.fault = faults[pick(std::size(faults))];
      plan.fault_stays = chance(4);
    }
    if (chance(3)) plan.unix_ahead_ns = static_cast<std::int64_t>(random_() >> 4) - (1LL << 59);
    return plan;
  }

  CallTerms random_terms() {
    CallTerms terms;
    terms.cancelled = chance(2);
    if (chance(3)) terms.deadline_ns = static_cast<std::int64_t>(pick(2'000'000)) - 1'000'000;
    return terms;
  }

  void tell(const std::string& step) {
    steps_.push_back(step);
    World::get().scenario =
        fmt::format("scenario {} (--reproduce {}), step {}: ", seed_, seed_, steps_.size());
  }
  std::string told() const {
    std::string text;
    for (std::size_t i = 0; i < steps_.size() && i < kToldMax; ++i) {
      text += (i == 0 ? "" : ", ") + steps_[i];
    }
    return steps_.size() > kToldMax ? text + ", ..." : text;
  }

  void step() {
    if (instances_.empty() || (instances_.size() < kInstancesMax && chance(2))) return make();
    const auto which = pick(instances_.size());
    auto& instance = *instances_[which];
    const auto& table = instance.collector().table;
    switch (pick(8)) {
      case 0:
        tell("destroy");
        return drop(which);
      case 1:
        if (table.reconfigure == nullptr) break;
        tell("reconfigure");
        (void)instance.reconfigure(config_of(instance.collector()));
        return;
      case 2:
        if (table.probe == nullptr) break;
        tell("probe");
        (void)instance.probe();
        return;
      case 3:
        if (table.interrupt == nullptr) break;
        tell("interrupt");
        instance.interrupt();
        return;
      case 4: {
        tell("run on another thread");
        const auto terms = random_terms();
        std::thread([&] { (void)instance.work(terms); }).join();
        return;
      }
      case 5: {
        tell("run, cancelled");
        std::thread thread([&] { (void)instance.work(); });
        for (std::size_t i = pick(64); i > 0; --i) std::this_thread::yield();
        (void)instance.cancel();
        thread.join();
        return;
      }
      default:
        break;
    }
    tell("run");
    (void)instance.work(random_terms());
  }

  void make() {
    const auto& collector = plugin_.collectors[pick(plugin_.collectors.size())];
    tell("create");
    auto instance = std::make_unique<Instance>(collector, fmt::format("instance {}", ++made_),
                                               config_of(collector));
    (void)instance->create(random_terms());
    if (instance->made()) instances_.push_back(std::move(instance));
  }

  void drop(std::size_t which) {
    instances_.erase(instances_.begin() + static_cast<std::ptrdiff_t>(which));
  }

  std::string config_of(const Collector& collector) {
    const auto index = static_cast<std::size_t>(&collector - plugin_.collectors.data());
    const auto usual = json::parse(configs_[index]);
    if (!usual || chance(5)) return configs_[index];
    return json::dump(random_config(*collector.spec, *usual, random_));
  }

  const Plugin& plugin_;
  const std::vector<std::string>& configs_;
  std::uint64_t seed_;
  Random random_;
  std::vector<std::unique_ptr<Instance>> instances_;
  std::size_t made_ = 0;
  std::vector<std::string> steps_;
};

}  // namespace

void play_scenario(const Plugin& plugin, const std::vector<std::string>& configs,
                   std::uint64_t seed, Findings& findings) {
  Scenario(plugin, configs, seed).play(findings);
  World::get().scenario.clear();
}

}  // namespace unity::check
