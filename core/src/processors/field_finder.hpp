// Finds a field of record after record: first where it was the last time. Private to
// core/src/processors.
#pragma once

#include "unity/core/model/record.hpp"

namespace unity {

class FieldFinder {
 public:
  explicit FieldFinder(Name name) : name_(std::move(name)) {}

  const Name& name() const { return name_; }

  Field* in(Record& record) {
    auto& fields = record.fields;
    if (last_ < fields.size() && fields[last_].name == name_) return &fields[last_];
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].name != name_) continue;
      last_ = i;
      return &fields[i];
    }
    return nullptr;
  }

 private:
  Name name_;
  std::size_t last_ = 0;
};

}  // namespace unity
