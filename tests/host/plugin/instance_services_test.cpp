// What the host does for one instance, and what it denies it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin/host_services.hpp"
#include "worker/runtime/limits.hpp"

namespace unity::host {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(LogGate, LetsABurstPassAndThenSoManyASecond) {
  LogGate gate;
  const Instant start = Instant() + 1h;
  int passed = 0;
  for (int i = 0; i < 500; ++i) passed += gate.pass(start) ? 1 : 0;
  EXPECT_EQ(passed, 100);
  EXPECT_EQ(gate.take_dropped(), 400u);
  EXPECT_EQ(gate.take_dropped(), 0u);

  passed = 0;
  for (int ms = 1; ms <= 3000; ++ms) passed += gate.pass(start + ms * 1ms) ? 1 : 0;

  EXPECT_EQ(passed, 60);
}

TEST(LogGate, LetsAWholeBurstPassAgainAfterAQuietTime) {
  LogGate gate;
  const Instant start = Instant() + 1h;
  for (int i = 0; i < 200; ++i) gate.pass(start);

  int passed = 0;
  for (int i = 0; i < 200; ++i) passed += gate.pass(start + 5s) ? 1 : 0;

  EXPECT_EQ(passed, 100);
}

class HostServicesTest : public testing::Test {
 protected:
  std::unique_ptr<HostServices> make(HostServices::Spec spec) {
    spec.instance = "a";
    return std::make_unique<HostServices>(
        std::move(spec), memory_, secrets_, [this](LogLevel level, std::string_view line) {
          static constexpr const char* kNames[] = {"debug ", "info ", "warn ", "error "};
          lines_.push_back(kNames[static_cast<int>(level)] + std::string(line));
        });
  }

  PluginMemory memory_;
  SecretStore secrets_;
  std::vector<std::string> lines_;
};

TEST_F(HostServicesTest, LogUnderTheNameOfTheInstanceWithItsFields) {
  const auto services = make({});

  services->log(UNITY_LOG_INFO, "started", {});
  services->log(UNITY_LOG_WARN, "slow", R"({"ms":7})");
  services->log(UNITY_LOG_ERROR + 1, "gone", {});
  services->log(UNITY_LOG_DEBUG, "not asked for", {});

  EXPECT_THAT(lines_,
              ElementsAre("info [a] started", R"(warn [a] slow {"ms":7})", "error [a] gone"));
}

TEST_F(HostServicesTest, LogNothingThatLooksLikeALineOfTheHost) {
  const auto services = make({});

  services->log(UNITY_LOG_INFO, "one\ntwo\x1b[31m\x7f", "{\r\n}");

  EXPECT_THAT(lines_, ElementsAre("info [a] one two [31m  {  }"));
}

TEST_F(HostServicesTest, CutEndlessLines) {
  const auto services = make({});

  services->log(UNITY_LOG_INFO, std::string(1 << 20, 'x'), std::string(1 << 20, 'y'));

  ASSERT_THAT(lines_, SizeIs(1));
  EXPECT_LE(lines_[0].size(), 2 * kLogLineMax + 20);
}

TEST_F(HostServicesTest, DropLinesOfAFloodAndSayHowMany) {
  auto services = make({});

  for (int i = 0; i < 100'000; ++i) services->log(UNITY_LOG_INFO, "flood", {});
  services.reset();

  // Some more than a burst may pass while this runs; what is missing is told.
  std::uint64_t passed = 0;
  std::uint64_t dropped = 0;
  for (const auto& line : lines_) {
    if (line == "info [a] flood") {
      ++passed;
    } else {
      ASSERT_THAT(line, HasSubstr("lines of collector a were dropped"));
      dropped += std::stoull(line.substr(5));
    }
  }
  EXPECT_GE(passed, 100u);
  EXPECT_LT(passed, 100'000u);
  EXPECT_EQ(passed + dropped, 100'000u);
}

TEST_F(HostServicesTest, GiveOnlySecretsThatTheOptionsName) {
  ASSERT_TRUE(secrets_.replace({{"db", SecretConfig::Source::value, {}, "hunter2", {}, {}},
                                {"other", SecretConfig::Source::value, {}, "x", {}, {}}}));
  const auto services = make({.secrets = {"db", "undefined"}});
  std::string value;

  EXPECT_EQ(services->secret("db", value), UNITY_OK);
  EXPECT_EQ(value, "hunter2");
  value.clear();
  EXPECT_EQ(services->secret("other", value), UNITY_E_DENIED);
  EXPECT_EQ(services->secret("never heard of", value), UNITY_E_DENIED);
  EXPECT_EQ(services->secret("undefined", value), UNITY_E_NOT_FOUND);
  EXPECT_THAT(value, IsEmpty());
}

TEST_F(HostServicesTest, KeepStateWithinTheQuota) {
  const auto services = make({.state_quota = 10});
  std::string value;

  EXPECT_EQ(services->state_get("k", value), UNITY_E_NOT_FOUND);
  EXPECT_EQ(services->state_put("k", "123456789"), UNITY_OK);
  EXPECT_EQ(services->state_put("k", "1234567890"), UNITY_E_LIMIT);
  EXPECT_EQ(services->state_get("k", value), UNITY_OK);
  EXPECT_EQ(value, "123456789");
}

TEST_F(HostServicesTest, DenyStateWithoutPermission) {
  const auto services = make({});
  std::string value;

  EXPECT_EQ(services->state_put("k", "1"), UNITY_E_DENIED);
  EXPECT_EQ(services->state_get("k", value), UNITY_E_DENIED);
}

}  // namespace
}  // namespace unity::host
