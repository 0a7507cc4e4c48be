// Crash truth: at every call that the spool makes of a disk, the power goes, or the process, or the
// call fails. A sample in seconds; all of it with UNITY_SPOOL_WHOLE=1, as `./dev soak` does.
#include <gtest/gtest.h>

#include <cstdlib>

#include "db/spool/crash_script.hpp"

namespace unity {
namespace {

using test::CrashScript;
using Fault = test::SimulatedDisk::Fault;

bool whole() { return std::getenv("UNITY_SPOOL_WHOLE") != nullptr; }

CrashScript::Options options(std::uint64_t seed, std::size_t operations) {
  CrashScript::Options made;
  made.seed = seed;
  made.operations = operations;
  return made;
}

std::uint64_t calls_of(const CrashScript::Options& chosen) {
  CrashScript script(chosen);
  script.run();
  return script.disk().calls();
}

// Puts `fault` at each call (or a spread of them) of a script.
void at_each_call(Fault fault, bool power_cut, CrashScript::Options chosen, std::uint64_t samples) {
  const auto calls = calls_of(chosen);
  ASSERT_GT(calls, chosen.operations);
  const auto step = whole() ? 1 : std::max<std::uint64_t>(1, calls / samples);
  for (std::uint64_t at = 0; at < calls; at += step) {
    SCOPED_TRACE(testing::Message()
                 << "call " << at << " of " << calls << ", seed " << chosen.seed);
    CrashScript script(chosen);
    script.disk().set_fault(fault, at);
    script.run();
    script.check(power_cut, at * 7919 + chosen.seed);
    if (testing::Test::HasFailure()) return;
  }
}

std::size_t operations() { return whole() ? 1000 : 80; }

class SpoolCrash : public testing::TestWithParam<db::SyncMode> {};
INSTANTIATE_TEST_SUITE_P(Modes, SpoolCrash,
                         testing::Values(db::SyncMode::group, db::SyncMode::each),
                         [](const auto& param) { return std::string(to_text(param.param)); });

TEST_P(SpoolCrash, KeepsEveryPromiseWhenThePowerGoesBeforeAnyCall) {
  auto chosen = options(1, operations());
  chosen.mode = GetParam();
  at_each_call(Fault::crash, true, chosen, 70);
}

TEST_P(SpoolCrash, KeepsEveryPromiseWhenThePowerGoesAfterAnyCall) {
  auto chosen = options(2, operations());
  chosen.mode = GetParam();
  at_each_call(Fault::crash_after, true, chosen, 70);
}

TEST_P(SpoolCrash, KeepsEveryPromiseWhenTheProcessIsKilledAtAnyCall) {
  auto chosen = options(3, operations());
  chosen.mode = GetParam();
  at_each_call(Fault::crash, false, chosen, 70);
}

TEST(SpoolCrashOs, ModeOsKeepsEverythingWhenOnlyTheProcessGoes) {
  auto chosen = options(4, operations());
  chosen.mode = db::SyncMode::os;
  at_each_call(Fault::crash, false, chosen, 70);
}

TEST(SpoolFaults, ACallThatFailsCostsNothingAccepted) {
  at_each_call(Fault::error, true, options(5, operations()), 70);
}

TEST(SpoolFaults, AWriteThatFailsHalfWayOrASyncThatForgetsCostsNothingAccepted) {
  at_each_call(Fault::half_write, true, options(6, operations()), 70);
}

TEST(SpoolFaults, AShortWriteOrReadIsContinued) {
  at_each_call(Fault::short_write, true, options(7, operations()), 70);
}

TEST(SpoolFaults, AFullDiskCostsNothingAccepted) {
  at_each_call(Fault::no_space, true, options(8, operations()), 70);
}

TEST(SpoolFaults, FaultsAndThenAPowerCutCostNothingAccepted) {
  for (std::uint64_t seed = 100; seed < (whole() ? 600U : 115U); ++seed) {
    const auto chosen = options(seed, operations());
    const auto calls = calls_of(chosen);
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    CrashScript script(chosen);
    script.disk().set_fault(Fault::half_write, seed * 2654435761 % calls);
    script.run();
    script.check(true, seed);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace unity
