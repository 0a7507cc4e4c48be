// The source and metric of a record as one text: records of one series have the same. Private to
// core/src/processors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "unity/core/base/bytes.hpp"
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

  // Whether that is the key of the record.
  static bool is(std::string_view key, const Record& record) {
    const auto begins_with = [&key](std::string_view text) {
      const auto size = kSizeBytes + text.size();
      if (key.size() < size || load<std::uint32_t>(key.data()) != text.size() ||
          !same_bytes(key.data() + kSizeBytes, text.data(), text.size())) {
        return false;
      }
      key.remove_prefix(size);
      return true;
    };
    if (!begins_with(record.metric)) return false;
    for (const auto& [name, value] : record.tags) {
      if (!begins_with(name) || !begins_with(value)) return false;
    }
    return key.empty();
  }

 private:
  static constexpr std::size_t kSizeBytes = sizeof(std::uint32_t);

  // With its length, as text may hold any byte.
  void append(std::string_view text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    key_.append(reinterpret_cast<const char*>(&size), sizeof size);
    key_ += text;
  }

  std::string key_;
};

}  // namespace unity
