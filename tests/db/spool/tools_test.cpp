// The offline tools, and the spool on the real file system.
#include "unity/db/spool_tools.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "db/spool/spool_fixture.hpp"
#include "support/temp_dir.hpp"

namespace unity {
namespace {

using test::entry_of;

class SpoolTools : public testing::Test {
 protected:
  db::SpoolConfig config() const {
    auto made = test::spool_config();
    made.folder = folder_;
    return made;
  }
  void fill() {
    auto spool = db::open_spool(config());
    ASSERT_TRUE(spool) << spool.error().message;
    for (std::uint64_t n = 0; n < 60; n += 3) {
      const auto entry = entry_of(n, 3);
      ASSERT_TRUE((*spool)->append({&entry, 1}));
    }
    db::SpoolBatch batch;
    ASSERT_TRUE((*spool)->consumer("main").read(5, batch));
    ASSERT_TRUE((*spool)->consumer("main").ack(batch.end));
  }
  void flip(std::uint64_t offset) {
    std::fstream file(folder_ / "0000000000000000.seg",
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    const auto byte = static_cast<char>(file.get() ^ 4);
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(byte);
  }
  std::vector<std::uint64_t> visited(std::uint64_t from) const {
    std::vector<std::uint64_t> numbers;
    EXPECT_TRUE(
        db::visit_spool(folder_, from, [&](const db::SpoolVisit&, const db::SpoolEntry& entry) {
          for (const auto& one : entry.records) {
            numbers.push_back(test::number_of(one));
          }
          return true;
        }));
    return numbers;
  }

  const test::TempDir dir_;
  const std::filesystem::path folder_ = dir_ / "spool";
};

TEST_F(SpoolTools, ShowWhatIsThereAlsoBesideAnOwner) {
  fill();
  const auto spool = db::open_spool(config());
  ASSERT_TRUE(spool);

  const auto report = db::inspect_spool(folder_);

  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->in_use);
  EXPECT_FALSE(report->damaged());
  EXPECT_GT(report->segments.size(), 2U);
  EXPECT_EQ(report->segments.back().end.records, 60U);
  ASSERT_EQ(report->cursors.size(), 1U);
  EXPECT_EQ(report->cursors[0].position.records, 5U);
  EXPECT_EQ(visited(0).size(), 60U);
  EXPECT_EQ(visited(58), (std::vector<std::uint64_t>{57, 58, 59}));  // whole entries
}

TEST_F(SpoolTools, RepairPutsDamageAsideAndIsRefusedWhileASpoolIsOpen) {
  fill();
  flip(200);
  const auto before = db::inspect_spool(folder_);
  ASSERT_TRUE(before && before->damaged());
  EXPECT_EQ(before->segments[0].missing_records, 3U);
  {
    const auto spool = db::open_spool(config());
    const auto refused = db::repair_spool(folder_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::refused);
  }

  const auto done = db::repair_spool(folder_);

  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->size(), 1U);
  const auto after = db::inspect_spool(folder_);
  ASSERT_TRUE(after);
  EXPECT_FALSE(after->damaged());
  EXPECT_FALSE(after->in_use);
  EXPECT_EQ(after->segments[0].missing_records, 3U);  // they stay lost, and are told
  EXPECT_GT(after->quarantined_bytes, 0U);
  EXPECT_EQ(visited(0).size(), 57U);
  EXPECT_TRUE(db::repair_spool(folder_)->empty());
}

TEST_F(SpoolTools, FilesAreForTheOwnerOnlyAndASecondOwnerIsNamed) {
  fill();
  const auto spool = db::open_spool(config());

  const auto second = db::open_spool(config());

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::refused);
  EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos);
  for (const auto& file : std::filesystem::directory_iterator(folder_)) {
    struct stat info {};
    ASSERT_EQ(::stat(file.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0077, 0U) << file.path();
  }
}

TEST_F(SpoolTools, AFolderThatIsNotThereIsAnError) {
  const auto report = db::inspect_spool(folder_);

  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Errc::not_found);
}

}  // namespace
}  // namespace unity
