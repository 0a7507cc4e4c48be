// Writers of one source that describe new series at the same time: one is first, the others read
// what it has added, and try again.
#pragma once

#include <string>
#include <string_view>

#include "unity/core/base/result.hpp"

namespace unity::db {

// So often in a row is a batch tried again because others were faster. Each time one of them has
// got on.
inline constexpr int kSeriesConflictsMax = 32;

// Whether a server has refused because another writer has described a series of the source since
// its series were read. A server says the name of a constraint in whatever language it speaks.
inline bool is_series_conflict(const Error& error) {
  return error.message.find("uq_metric_series_") != std::string::npos;
}

// What is left to say after kSeriesConflictsMax: nothing is wrong with the records. A name that
// is taken although it was looked for is another matter: that will not pass.
inline Error series_conflict(Error error) {
  if (error.message.find("uq_metric_series_position") == std::string::npos) return error;
  return {Errc::unavailable,
          error.message + "; other writers kept adding fields to the same source, try again"};
}

}  // namespace unity::db
