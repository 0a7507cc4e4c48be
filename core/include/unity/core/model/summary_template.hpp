// The pattern of a record's summary: "CPU {usage_percent:.1f} % busy". In braces stands a field, or
// tags.NAME, and after a colon how many digits a number gets. Doubled braces are braces.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/core/model/record.hpp"

namespace unity {

class SummaryTemplate {
 public:
  // The error says what is wrong and at which byte.
  static Result<SummaryTemplate> parse(std::string_view text);

  // Appends the summary of the record. False, with nothing appended, if it has none of the fields;
  // one that it lacks is shown as "?".
  bool render(const Record& record, std::string& out) const;

  // The fields that it speaks of.
  const std::vector<std::string>& fields() const { return fields_; }

 private:
  struct Part {
    enum class What : std::uint8_t { text, field, tag };
    What what = What::text;
    std::string text;  // or the name
    int digits = -1;   // after the point; -1: as many as it takes
  };
  Result<void> add_part(std::string_view inside, std::size_t at);
  static bool append(const Part& part, const Record& record, std::string& out);

  std::vector<Part> parts_;
  std::vector<std::string> fields_;
};

}  // namespace unity
