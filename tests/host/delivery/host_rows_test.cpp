#include "delivery/host_rows.hpp"

#include <gtest/gtest.h>

namespace unity::host {
namespace {

using namespace std::chrono_literals;

// Takes datasets, or says why not.
class OneCatalog final : public Catalog {
 public:
  Result<void> register_plugins(std::span<const PluginInfo>) override { return {}; }
  Result<std::vector<DatasetState>> declare_datasets(
      std::span<const DatasetSpec> datasets) override {
    ++declared;
    if (why_not) return *why_not;
    std::vector<DatasetState> states;
    for (const auto& one : datasets) states.push_back({one.name, one.owner, 1, "applied", {}});
    return states;
  }
  Result<void> update_status(std::span<const PluginStatus>) override { return {}; }

  std::optional<Error> why_not;
  int declared = 0;
};

std::vector<DatasetSpec> drives() {
  DatasetSpec spec;
  spec.name = "drives";
  spec.owner = "disk";
  return {spec};
}

class HostRowsOfDatasets : public testing::Test {
 protected:
  HostRowsOfDatasets() { rows_.declare_datasets(drives()); }
  std::string state() { return rows_.datasets().empty() ? "" : rows_.datasets()[0].state; }

  static constexpr Instant kStart{};
  HostRows rows_{"nas", "main"};
  OneCatalog catalog_;
};

TEST_F(HostRowsOfDatasets, AreDeclaredAgainEverLessOftenWhileTheyAreBlocked) {
  catalog_.why_not = Error{Errc::refused, "permission denied"};
  EXPECT_TRUE(*rows_.store_datasets(catalog_, kStart));
  EXPECT_EQ(state(), "blocked");
  EXPECT_FALSE(*rows_.store_datasets(catalog_, kStart + 59s)) << "there is nothing to do yet";
  EXPECT_TRUE(*rows_.store_datasets(catalog_, kStart + 60s));
  EXPECT_FALSE(*rows_.store_datasets(catalog_, kStart + 179s));

  catalog_.why_not.reset();
  EXPECT_TRUE(*rows_.store_datasets(catalog_, kStart + 180s));
  EXPECT_EQ(state(), "applied");
  EXPECT_FALSE(*rows_.store_datasets(catalog_, kStart + 24h));
  EXPECT_EQ(catalog_.declared, 3);
}

TEST_F(HostRowsOfDatasets, AreTheNewestOnesOnly) {
  catalog_.why_not = Error{Errc::refused, "permission denied"};
  ASSERT_TRUE(rows_.store_datasets(catalog_, kStart));
  catalog_.why_not.reset();
  rows_.declare_datasets({});
  EXPECT_TRUE(*rows_.store_datasets(catalog_, kStart + 1s));
  EXPECT_FALSE(*rows_.store_datasets(catalog_, kStart + 61s));
  EXPECT_EQ(state(), "");
}

TEST_F(HostRowsOfDatasets, WaitForADatabaseThatIsGone) {
  catalog_.why_not = Error{Errc::unavailable, "no route"};
  EXPECT_FALSE(rows_.store_datasets(catalog_, kStart));
  catalog_.why_not.reset();
  EXPECT_TRUE(*rows_.store_datasets(catalog_, kStart));
  EXPECT_EQ(state(), "applied");
}

}  // namespace
}  // namespace unity::host
