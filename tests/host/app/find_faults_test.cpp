#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/host_status.hpp"

namespace unity::host {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A host with one storage, which stored what was left after these drops.
HostStatus dropping(const DroppedBy& dropped_by) {
  HostStatus status;
  status.places.push_back({"sqlite", "/srv/unity.db"});
  auto& storage = status.delivery.storages.emplace_back();
  storage.id = "main";
  storage.accounting.collected = 1000;
  storage.accounting.dropped_by = dropped_by;
  storage.accounting.stored = 1000 - storage.accounting.dropped();
  return status;
}

TEST(FindFaults, FindsNoneWhereOnlyTheConfigurationDrops) {
  EXPECT_THAT(find_faults(dropping({})), IsEmpty());
  EXPECT_THAT(find_faults(dropping({{"filtered", 7}, {"first of a rate", 3}})), IsEmpty());
}

TEST(FindFaults, SaysWhatTheSpoolLostAndWhatToDo) {
  EXPECT_THAT(find_faults(dropping({{"damaged", 100}})),
              ElementsAre(AllOf(HasSubstr("storage main has lost 100 records"),
                                HasSubstr("unity spool verify"), HasSubstr("unity spool repair"))));
  EXPECT_THAT(find_faults(dropping({{"missing", 5}})),
              ElementsAre(HasSubstr("gone from the spool when the host started")));
  EXPECT_THAT(find_faults(dropping({{"spool_full", 5}})),
              ElementsAre(HasSubstr("spool.max_bytes")));
}

TEST(Screen, ShowsEveryStorage) {
  auto status = dropping({{"filtered", 7}});
  status.places.push_back({"postgresql", "metrics on nas:5432"});
  auto& archive = status.delivery.storages.emplace_back();
  archive.id = "archive";
  archive.required = false;
  archive.accounting.collected = archive.accounting.in_flight = 1000;

  const auto screen = to_screen(status, {}, {}, 200);

  EXPECT_THAT(screen,
              HasSubstr("storing into sqlite /srv/unity.db\n  collected 1000   stored 993"));
  EXPECT_THAT(screen, HasSubstr("storing into postgresql metrics on nas:5432 (optional)\n"
                                "  collected 1000   stored 0"));
  EXPECT_THAT(screen, HasSubstr("sqlite3 /srv/unity.db"));
  EXPECT_THAT(screen, testing::Not(HasSubstr("sqlite3 metrics")));
}

}  // namespace
}  // namespace unity::host
