#include "commands/status_text.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace unity::host {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

// A status with these further members, as JSON.
json::Value status(const std::string& members) {
  auto parsed = json::parse(R"({"version":"1.0","pid":7,"time":"2026-01-31T12:00:00Z",)"
                            R"("uptime_seconds":7500,"state_dir":"/s")" +
                            (members.empty() ? "" : "," + members) + "}");
  if (!parsed) throw std::logic_error(parsed.error().message);
  return *parsed;
}

std::string instance(const std::string& id, const std::string& members,
                     const std::string& state = "healthy") {
  return R"({"id":")" + id + R"(","plugin":"p","state":")" + state + "\"" +
         (members.empty() ? "" : "," + members) + "}";
}

TEST(StatusHeadline, SaysWhetherAllIsWell) {
  EXPECT_EQ(status_headline(status(R"("http":"http://127.0.0.1:8787")")),
            "unity 1.0 (process 7), up 2h5m: all is well\n"
            "state in /s, serving http://127.0.0.1:8787\n");
  EXPECT_THAT(status_headline(status(R"("warnings":["a","b"])")), HasSubstr("up 2h5m: 2 problems"));
}

TEST(StatusProblems, AreNoneForAHealthyHost) {
  EXPECT_THAT(status_problems(status(R"("instances":[)" + instance("a", "") + "]")), IsEmpty());
  EXPECT_THAT(status_problems(status("")), IsEmpty());
}

TEST(StatusProblems, TellWhyAStorageTakesNothingAndWhenItIsTriedAgain) {
  const auto text = status_problems(status(R"("storages":[{"id":"pg","circuit":"open",
    "problem":"connection refused","failures":7,"next_try":"2026-01-31T12:00:12Z",
    "accounting":{"in_flight":1234,"balanced":true}}],
    "warnings":["storage pg takes nothing at present: connection refused"])"));

  EXPECT_EQ(text,
            "  storage pg takes nothing, 1,234 records wait, next try in 12s, 7 failures in a row: "
            "connection\n    refused\n");
}

TEST(StatusProblems, ShowTheFaultOfAnAccountFirst) {
  const auto text = status_problems(status(R"("warnings":["the spool is nearly full"],
    "storages":[{"id":"main","circuit":"closed","problem":"","accounting":{"collected":10,
    "stored":5,"rejected":1,"dropped":1,"in_flight":2,"balanced":false}}],"instances":[)" +
                                           instance("a", R"("accounts":[{"storage":"main",
    "collected":3,"stored":1,"balanced":false}])") +
                                           "]"));

  EXPECT_THAT(text, StartsWith("  FAULT storage main: the account does not balance: 10 records "
                               "collected, but 5 stored + 1 "
                               "rejected\n    + 1 dropped + 2 in flight; please report this\n"));
  EXPECT_LT(text.find("FAULT collector a"), text.find("the spool is nearly full"));
}

TEST(StatusProblems, TellInWordsWhatACollectorWaitsFor) {
  const auto text = status_problems(status(R"("instances":[)" +
                                           instance("disk", R"("reason":"no such device",
               "consecutive_errors":7,"next_run":"2026-01-31T12:04:12Z")",
                                                    "paused") +
                                           "]"));

  EXPECT_EQ(text,
            "  collector disk is paused, next try in 4m12s, 7 failures in a row: no such "
            "device\n");
}

TEST(StatusProblems, DoNotRepeatWhatTheReasonTells) {
  EXPECT_EQ(
      status_problems(status(
          R"("instances":[)" +
          instance("disk", R"("reason":"next try in 2m; no such device","consecutive_errors":7,
                  "next_run":"2026-01-31T12:02:00Z")",
                   "degraded") +
          "]")),
      "  collector disk is degraded: next try in 2m; no such device\n");
}

TEST(StatusProblems, NameWhatIsLateButNotWhatIsRunning) {
  const auto late = R"("next_run":"2026-01-31T11:59:30Z")";
  EXPECT_EQ(status_problems(status(R"("instances":[)" + instance("a", late) + "]")),
            "  collector a is late: its run has waited for 30s\n");
  EXPECT_THAT(
      status_problems(status(R"("instances":[)" +
                             instance("a", std::string(late) + R"(,"running":true)") + "]")),
      IsEmpty());
}

TEST(StatusProblems, TellOfManyThatAreLateInOneLine) {
  std::string all;
  for (int i = 1; i <= 9; ++i) {
    all +=
        (i > 1 ? "," : "") + instance(fmt::format("c{}", i),
                                      fmt::format(R"("next_run":"2026-01-31T11:59:{}0Z")", i % 6));
  }

  EXPECT_EQ(status_problems(status(R"("instances":[)" + all + "]")),
            "  9 collectors are late, the first by 1m: c6, c1, c7, c2, c8 and 4 more\n");
}

TEST(StatusProblems, ShowConditionsWithTheNewestCase) {
  EXPECT_EQ(
      status_problems(status(R"("instances":[)" +
                             instance("a", R"("conditions":[{"name":"cardinality","count":1200,
                  "first":"x","last":"tag url of metric m has 1,000 values"}])") +
                             "]")),
      "  collector a: cardinality, 1,200 times, last: tag url of metric m has 1,000 values\n");
}

TEST(StatusProblems, TellWhyAHealthyCollectorIsNotWhatItsFileIs) {
  const auto one =
      status(R"("instances":[)" +
             instance("a", R"("notice":"its new version was rolled back: it broke")") + "]");

  EXPECT_EQ(status_problems(one), "  collector a: its new version was rolled back: it broke\n");
  EXPECT_THAT(status_headline(one), HasSubstr(": 1 problem\n"));
}

TEST(StatusProblems, HaveABound) {
  std::string warnings;
  for (int i = 0; i < 30; ++i) warnings += fmt::format("{}\"w{}\"", i > 0 ? "," : "", i);

  const auto text = status_problems(status("\"warnings\":[" + warnings + "]"));

  EXPECT_THAT(text, AllOf(HasSubstr("  w19\n"), Not(HasSubstr("w20")), HasSubstr("and 10 more")));
}

TEST(StatusStorages, HaveALineEach) {
  const auto text = status_storages(status(R"("storages":[
    {"id":"main","required":true,"circuit":"closed","problem":"","commits":12,
     "last_commit_ms":1.25,"accounting":{"stored":12345,"in_flight":3,"balanced":true}},
    {"id":"copy","required":false,"circuit":"paused","problem":"no","accounting":{
     "balanced":false}}])"));

  EXPECT_EQ(
      text,
      R"(STORAGE          STATE   WAITING  STORED  REJECTED  DROPPED  COMMITS  LAST COMMIT  ACCOUNT
main             ok      3        12,345  0         0        12       1.2 ms       balanced
copy (optional)  paused  0        0       0         0        0        0.0 ms       FAULT
)");
}

TEST(StatusTotals, TellOfSpoolRunsDropsAndDeadLetters) {
  const auto text = status_totals(status(R"("spool":{"bytes":12300000,"max_bytes":4294967296,
    "segments":3,"sync":"group","when_full":"drop_oldest","full":false},
    "schedule":{"started":1000,"lateness_p50_ms":0.1,"lateness_p99_ms":0.31,"missed_for_room":2,
    "last_clock_change":""},"workers":{"alive":4,"not_enforced":["TCP ports"]},"accounting":{"dropped_by":{"first_of_rate":12,"spool_full":3}},
    "dead_letters":{"letters":5,"by_reason":{"out of range":5}})"));

  EXPECT_EQ(text,
            "spool: 12.3 MB of 4.3 GB in 3 segments; sync group, when full drop_oldest\n"
            "runs: 1,000 started, late by 0.1 ms (p50), 0.3 ms (p99); 2 missed for want of room\n"
            "workers: 4 processes run plugins\n"
            "  not enforced: TCP ports\n"
            "dropped: first_of_rate 12, spool_full 3\n"
            "dead letters: 5 (out of range 5); `unity dlq ls` lists them\n");
  EXPECT_THAT(status_totals(status("")), IsEmpty());
}

TEST(StatusCollectors, ShowWhatARunTakesAndCosts) {
  const auto text = status_collectors(status(
      R"("instances":[)" + instance("a", R"("runs":1500,"missed":2,"errors":3,"duration_p50_ms":1.5,
               "duration_p95_ms":2.5,"duration_p99_ms":9.04,"cpu_seconds":1.5,
               "next_run":"2026-01-31T12:00:05Z")") +
      "]"));

  EXPECT_EQ(text,
            "COLLECTOR  STATE    RUNS   MISSED  ERRORS  P50 MS  P95 MS  P99 MS  CPU MS/RUN  CPU %  "
            "NEXT\n"
            "a          healthy  1,500  2       3       1.5     2.5     9.0     1.00        0.02   "
            "5.0s\n");
}

TEST(StatusCollectors, BeginWithTheUnhealthyAndHaveABound) {
  std::string instances;
  for (int i = 0; i < 50; ++i) instances += instance(fmt::format("c{}", i), "") + ",";
  instances += R"({"id":"sick","state":"degraded"})";

  const auto text = status_collectors(status("\"instances\":[" + instances + "]"));

  EXPECT_LT(text.find("sick"), text.find("c0"));
  EXPECT_THAT(text, AllOf(HasSubstr("c38"), Not(HasSubstr("c39")), HasSubstr("and 11 more")));
}

TEST(StatusScreen, FitsItsWidth) {
  const auto text =
      status_screen(status(R"("warnings":[")" + std::string(150, 'x') + " " + std::string(90, 'y') +
                           R"("],"instances":[)" + instance(std::string(100, 'n'), "") + "]"));

  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = text.find('\n', begin);
    const auto line = text.substr(begin, end - begin);
    const auto columns =
        std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; });
    EXPECT_LE(columns, static_cast<std::ptrdiff_t>(kStatusWidth)) << line;
    begin = end + 1;
  }
}

TEST(StatusOfInstance, HasAllAboutOne) {
  const auto text = status_of_instance(
      status(R"("instances":[)" +
             instance("a", R"("runs":100,"errors":3,"consecutive_errors":1,"missed":2,
               "interval_seconds":10,"last_run":"2026-01-31T11:59:58Z","last_error":"it broke",
               "next_run":"2026-01-31T12:00:08Z","duration_p50_ms":1,"cpu_seconds":0.5,
               "version":"1.2","isolation":"pooled","notice":"its new version was rolled back",
               "conditions":[{"name":"undeclared","count":4,"first":"f","last":"l",
               "first_time":"2026-01-31T11:00:00Z"}],
               "accounts":[{"storage":"main","collected":7,"stored":6,"in_flight":1,
               "balanced":true}])") +
             "]"),
      "a");

  ASSERT_TRUE(text);
  EXPECT_EQ(*text, R"(collector a of plugin p 1.2, pooled: healthy
its new version was rolled back
every 10s; next run in 8.0s; last run 2.0s ago, last success never
runs: 100, 2 missed, 3 failed, 1 of them in a row
took: 1.0 ms (p50), 0.0 ms (p95), 0.0 ms (p99), 0.0 ms the last
CPU: 0.500 s in all, 5.00 ms a run, 0.01 % of a core
last error: it broke
condition: undeclared, 4 times since 2026-01-31T11:00:00Z
  first: f
  last:  l

STORAGE  COLLECTED  STORED  REJECTED  DROPPED  IN FLIGHT  ACCOUNT
main     7          6       0         0        1          balanced
)");
}

TEST(StatusOfInstance, SuggestsTheNearestId) {
  const auto one = status(R"("instances":[)" + instance("disk", "") + "]");
  EXPECT_EQ(status_of_instance(one, "dsik").error().message,
            "there is no collector \"dsik\"; did you mean \"disk\"?");
  EXPECT_EQ(status_of_instance(one, "x").error().code, Errc::not_found);
}

}  // namespace
}  // namespace unity::host
