// The fixture of the conformance suite. An adapter instantiates it with a function that makes an
// empty, upgraded database.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "db/records.hpp"
#include "unity/db/open.hpp"

namespace unity::test {

// Keeps whatever the database needs (a folder, a server) alive beside it.
class StorageFixture {
 public:
  virtual ~StorageFixture() = default;
  virtual db::Database& database() = 0;
};

struct StorageMaker {
  std::string name;
  std::function<std::unique_ptr<StorageFixture>()> make;
};

inline void PrintTo(const StorageMaker& maker, std::ostream* out) { *out << maker.name; }

class StorageConformance : public testing::TestWithParam<StorageMaker> {
 protected:
  std::vector<Rejection> write(const std::vector<Record>& batch) {
    auto written = fixture_->database().storage().write(batch);
    if (!written) ADD_FAILURE() << written.error().message;
    return written ? *written : std::vector<Rejection>();
  }
  std::vector<Point> latest(std::string_view metric = {}) {
    auto points = fixture_->database().reader().latest(metric);
    if (!points) ADD_FAILURE() << points.error().message;
    return points ? *points : std::vector<Point>();
  }
  std::vector<Point> range(std::string_view metric, Time from, Time to, std::size_t limit = 1000) {
    auto points = fixture_->database().reader().range(metric, from, to, limit);
    if (!points) ADD_FAILURE() << points.error().message;
    return points ? *points : std::vector<Point>();
  }
  std::vector<Point> all(std::string_view metric) {
    return range(metric, Time::min(), Time::max());
  }
  Catalog& catalog() { return fixture_->database().catalog(); }
  Audit& audit() { return fixture_->database().audit(); }

  // The value of the only point of the field.
  FieldValue only(std::string_view metric, std::string_view name) {
    FieldValue value;
    int found = 0;
    for (const auto& point : all(metric)) {
      if (point.field != name) continue;
      value = point.value;
      ++found;
    }
    EXPECT_EQ(found, 1) << metric << " " << name;
    return value;
  }

 private:
  std::unique_ptr<StorageFixture> fixture_ = GetParam().make();
};

inline std::vector<std::size_t> indexes(const std::vector<Rejection>& rejections,
                                        std::string_view reason) {
  std::vector<std::size_t> found;
  for (const auto& rejection : rejections) {
    EXPECT_EQ(rejection.reason, reason) << rejection.detail;
    EXPECT_FALSE(rejection.detail.empty());
    found.push_back(rejection.index);
  }
  return found;
}

}  // namespace unity::test
