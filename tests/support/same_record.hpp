// Whether a record came back as it was: for whatever writes records down and reads them again.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <utility>

#include "unity/core/model/record.hpp"

namespace unity::test {

// NaN equals nothing, and -0.0 equals 0.0: doubles are compared by their bits.
inline std::pair<FieldValue, std::uint64_t> exactly(const FieldValue& value) {
  const auto* real = std::get_if<double>(&value);
  if (real != nullptr) return {true, std::bit_cast<std::uint64_t>(*real)};
  return {value, 0};
}

inline void expect_same(const Record& a, const Record& b) {
  ASSERT_EQ(a.origin != nullptr, b.origin != nullptr);
  if (a.origin) {
    EXPECT_EQ(*a.origin, *b.origin);
  }
  EXPECT_EQ(a.metric, b.metric);
  EXPECT_EQ(a.time, b.time);
  EXPECT_EQ(a.time_text, b.time_text);
  EXPECT_EQ(a.tags, b.tags);
  EXPECT_EQ(a.summary, b.summary);
  EXPECT_EQ(a.host_made, b.host_made);
  EXPECT_EQ(a.is_row, b.is_row);
  ASSERT_EQ(a.fields.size(), b.fields.size());
  for (std::size_t i = 0; i < a.fields.size(); ++i) {
    EXPECT_EQ(a.fields[i].name, b.fields[i].name);
    EXPECT_EQ(a.fields[i].kind, b.fields[i].kind);
    EXPECT_EQ(a.fields[i].unit, b.fields[i].unit);
    EXPECT_EQ(a.fields[i].value.index(), b.fields[i].value.index()) << a.fields[i].name.text();
    EXPECT_EQ(exactly(a.fields[i].value), exactly(b.fields[i].value)) << a.fields[i].name.text();
  }
}

}  // namespace unity::test
