// E33: what it keeps with the host from one instance to the next.
#include "check/behaviour/rules.hpp"
#include "check/behaviour/stage.hpp"

namespace unity::check {
namespace {

struct Damage {
  const char* what;
  std::string (*of)(const std::string& value);
};

constexpr Damage kDamages[] = {
    {"cut in half", [](const std::string& value) { return value.substr(0, value.size() / 2 + 1); }},
    {"one byte long", [](const std::string&) { return std::string(1, '\0'); }},
    {"of random bytes",
     [](const std::string& value) {
       std::string bytes(value.size() + 16, '\0');
       Random random(bytes.size());
       for (auto& byte : bytes) byte = static_cast<char>(random());
       return bytes;
     }},
    {"of the largest size", [](const std::string&) { return std::string(262'144, '9'); }},
    {"an empty JSON object", [](const std::string&) { return std::string("{}"); }},
};

}  // namespace

void check_state(const Context& context, Findings& findings) {
  auto& world = World::get();
  for_each_subject(context, findings, [&](const Subject& subject) {
    world.set_state({});
    const auto before = world.state_calls();
    const auto first = live(subject);
    if (!first.made || !first.last().good()) {
      return findings.skip("{}: it fails with {}; give options with which it works by --config",
                           subject.collector.name, first.last().text());
    }
    if (world.state_calls() == before) {
      return findings.skip("{}: it keeps no state", subject.collector.name);
    }
    const auto left = world.state();
    const auto again = live(subject);
    if (!again.last().good()) {
      findings.fail("{}: with the state that it left itself it fails with {}",
                    subject.collector.name, again.last().text());
    }
    for (const auto& damage : kDamages) {
      auto damaged = left;
      for (auto& [key, value] : damaged) value = damage.of(value);
      world.set_state(damaged);
      const auto life = live(subject, fmt::format("one with a state {}", damage.what));
      if (!life.last().good()) {
        findings.fail("{}: with a state that is {} it fails with {}", subject.collector.name,
                      damage.what, life.last().text());
      }
    }
    world.set_state({});
    findings.remark("{}: {} values kept", subject.collector.name, left.size());
  });
}

}  // namespace unity::check
