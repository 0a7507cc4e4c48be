// The part of the conformance suite about the host's audit.
#pragma once

#include "db/storage_fixture.hpp"

namespace unity::test {

inline CollectionAudit collection(Time time, char id, std::string device = "host-a") {
  CollectionAudit row;
  row.device = std::move(device);
  row.time = time;
  row.operation_id = std::string(16, id);
  row.data_type = "unity.disk";
  row.collection_method = "schedule";
  row.collection_source = "disk";
  row.status = "success";
  return row;
}

inline ServicePerformance performance(Time time, std::string instance, std::string service) {
  ServicePerformance row;
  row.instance_id = std::move(instance);
  row.service_name = std::move(service);
  row.time = time;
  return row;
}

TEST_P(StorageConformance, AnAuditRowComesBackAsItWasWritten) {
  auto full = collection(at(1'000'001), '\xff', "host-b");
  full.collection_method = "manual";
  full.force_refresh = true;
  full.cache_hit = false;
  full.operations = 60;
  full.duration_ms = std::int64_t{1} << 40;
  full.cpu_us = 5;
  full.ssh_command_count = 6;
  full.data_size_bytes = std::int64_t{1} << 41;
  full.status = "partial";
  full.error_message = "l'\u00e9chec\n";
  full.warnings = {"one \"quoted\"", ""};
  full.records_created = 0;
  full.records_updated = 8;
  full.freshness_threshold = 60;
  const std::vector rows{collection(at(1'000'000), '\0'), full};

  ASSERT_TRUE(audit().write(rows));

  const auto read = audit().collections(Time::min(), Time::max(), 100);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, rows);
}

TEST_P(StorageConformance, TheLongestAuditRowsAreKeptWhole) {
  const auto longest = [](std::size_t characters) {
    std::string text;
    while (characters-- > 0) text += "\u00e9";
    return text;
  };
  auto run = collection(at_second(1), 'a', longest(kAuditDeviceLength));
  run.data_type = longest(kAuditPluginLength);
  run.collection_source = longest(kAuditInstanceLength);
  run.error_message = longest(kAuditErrorLength);
  const auto service =
      performance(at_second(60), longest(kAuditDeviceLength), longest(kAuditServiceLength));

  ASSERT_TRUE(audit().write(std::vector{run}));
  ASSERT_TRUE(audit().write(std::vector{service}));

  EXPECT_EQ(audit().collections(Time::min(), Time::max(), 1)->at(0), run);
  EXPECT_EQ(audit().performance(Time::min(), Time::max(), 1)->at(0), service);
}

TEST_P(StorageConformance, AuditRowsOfTheHostItselfHaveNoDevice) {
  const std::vector rows{collection(at_second(1), 'a', "")};
  ASSERT_TRUE(audit().write(rows));
  const auto read = audit().collections(at_second(1), at_second(2), 100);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, rows);
  EXPECT_TRUE(latest().empty());
}

TEST_P(StorageConformance, WritingAnAuditRowTwiceIsWritingItOnce) {
  const std::vector rows{collection(at_second(1), 'a'), collection(at_second(1), 'b'),
                         collection(at_second(1), 'b', "host-b"), collection(at_second(2), 'a')};
  ASSERT_TRUE(audit().write(rows));
  auto other = rows;
  other[0].status = "transient";
  ASSERT_TRUE(audit().write(other));

  const auto read = audit().collections(Time::min(), Time::max(), 100);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, rows);
}

TEST_P(StorageConformance, AuditRowsAndRecordsShareTheirDevices) {
  ASSERT_TRUE(audit().write(std::vector{collection(at_second(1), 'a')}));
  EXPECT_TRUE(write({record("load", at_second(1), {field("one", 0.5)})}).empty());
  ASSERT_TRUE(audit().write(std::vector{collection(at_second(2), 'a')}));
  EXPECT_EQ(latest("load").size(), 1u);
  EXPECT_EQ(audit().collections(Time::min(), Time::max(), 100)->size(), 2u);
}

TEST_P(StorageConformance, AuditRowsAreReadByTimeUpToALimit) {
  const std::vector rows{collection(at_second(3), 'a'), collection(at_second(1), 'a'),
                         collection(at_second(2), 'a')};
  ASSERT_TRUE(audit().write(rows));
  const auto some = audit().collections(at_second(1), at_second(3), 100);
  ASSERT_TRUE(some);
  EXPECT_EQ(*some, (std::vector{rows[1], rows[2]}));
  EXPECT_EQ(audit().collections(Time::min(), Time::max(), 1)->at(0), rows[1]);
  EXPECT_TRUE(audit().collections(at_second(3), at_second(3), 100)->empty());
}

TEST_P(StorageConformance, AServicesPerformanceComesBackAsItWasWritten) {
  auto full = performance(at(60'000'001), "host-a", "storage:main");
  full.operations_total = (std::int64_t{1} << 33) + 1;
  full.operations_successful = std::int64_t{1} << 33;
  full.operations_failed = 1;
  full.operations_cached = 2;
  full.avg_duration_ms = 1'000'000.125;  // more than a seed's NUMERIC(8,2) holds
  full.max_duration_ms = std::int64_t{1} << 40;
  full.min_duration_ms = 0;
  full.ssh_connections_created = 3;
  full.ssh_connections_reused = 4;
  full.ssh_commands_executed = 5;
  full.cache_hit_ratio = 0.1;
  full.cache_size_entries = 6;
  full.cache_evictions = 7;
  full.data_collected_bytes = std::int64_t{1} << 41;
  full.database_writes = 8;
  full.error_types = {{"timeout", 1}};
  full.top_errors = {{"it took \"5\" s", std::int64_t{1} << 33}, {"other", 1}};
  const std::vector rows{performance(at(60'000'000), "host-a", "collection"), full};

  ASSERT_TRUE(audit().write(rows));

  const auto read = audit().performance(Time::min(), Time::max(), 100);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, rows);
}

TEST_P(StorageConformance, PerformanceIsKeyedByHostServiceAndMinute) {
  const std::vector rows{performance(at_second(60), "host-a", "collection"),
                         performance(at_second(60), "host-a", "storage:main"),
                         performance(at_second(60), "host-b", "collection"),
                         performance(at_second(120), "host-a", "collection")};
  ASSERT_TRUE(audit().write(rows));
  auto again = rows;
  for (auto& row : again) row.operations_total = 9;
  ASSERT_TRUE(audit().write(again));

  const auto read = audit().performance(Time::min(), Time::max(), 100);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, rows);
  EXPECT_EQ(audit().performance(at_second(60), at_second(120), 2)->size(), 2u);
}

}  // namespace unity::test
