// The source and metric of a record as one text: records of one series have the same. Private to
// core/src/processors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "unity/core/model/record.hpp"

namespace unity {

class RecordKey {
 public:
  // Good until the next call.
  const std::string& of(const Record& record) {
    key_.clear();
    append(record.metric);
    for (const auto& [name, value] : record.tags) {
      append(name);
      append(value);
    }
    return key_;
  }

 private:
  // With its length, as text may hold any byte.
  void append(std::string_view text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    key_.append(reinterpret_cast<const char*>(&size), sizeof size);
    key_ += text;
  }

  std::string key_;
};

}  // namespace unity
