// D21 to D24: hosts of other minors, hosts that offer little, and what the plugin hands over.
#include "check/behaviour/rules.hpp"
#include "check/behaviour/stage.hpp"

namespace unity::check {
namespace {

// Reports what went wrong on a strange host, where all is well on the usual one.
void expect_as_usual(const Subject& subject, const Plan& strange, std::string_view host,
                     Findings& findings) {
  auto& world = World::get();
  const auto usual = live(subject);
  if (!usual.made) {
    return findings.skip(
        "{}: create() failed with {}; give options with which it works by --config",
        subject.collector.name, usual.created.text());
  }
  world.plan = strange;
  const auto life = live(subject);
  world.plan = {};
  if (usual.last().good() && !life.last().good()) {
    findings.fail("{}: on {} it fails with {}", subject.collector.name, host, life.last().text());
  }
}

}  // namespace

void check_host_older(const Context& context, Findings& findings) {
  for_each_subject(context, findings, [&](const Subject& subject) {
    Plan plan;
    plan.abi = UNITY_ABI(1, 0);
    plan.fence_tables = true;
    expect_as_usual(subject, plan, "a host of ABI 1.0", findings);
  });
}

void check_host_later(const Context& context, Findings& findings) {
  for_each_subject(context, findings, [&](const Subject& subject) {
    Plan plan;
    plan.abi = UNITY_ABI(1, 99);
    plan.later_slots = 4;
    plan.config_tail = 32;
    expect_as_usual(subject, plan, "a host of ABI 1.99", findings);
  });
  World::get().breaches.report(Breach::later, findings);
}

void check_host_bare(const Context& context, Findings& findings) {
  for_each_subject(context, findings, [&](const Subject& subject) {
    const auto usual = live(subject);
    World::get().plan.bare = true;
    const auto life = live(subject);
    World::get().plan = {};
    if (life.last().good()) return;
    if (usual.last().good() && !life.last().gave_a_reason()) {
      findings.fail(
          "{}: on a host without state, secrets and datasets it fails with {} and gives no "
          "reason",
          subject.collector.name, status_text(life.last().status));
    } else {
      findings.remark("{}: on a host without state, secrets and datasets: {}",
                      subject.collector.name, life.last().text());
    }
  });
}

void check_host_parameters(const Context& context, Findings& findings) {
  for_each_subject(context, findings,
                   [&](const Subject& subject) { live_well_and_badly(subject, findings); });
  World::get().breaches.report(Breach::parameter, findings);
}

}  // namespace unity::check
