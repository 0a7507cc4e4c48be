// Counts what a stage finds wrong with records, by name, with the first and the newest case.
// Private to core/src/processors.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/ports/processor.hpp"

namespace unity {

class ConditionLog {
 public:
  void add(std::string_view name, std::string_view example, Time time) {
    auto at = conditions_.find(name);
    if (at == conditions_.end()) {
      at = conditions_.emplace(name, Condition()).first;
      at->second.name = name;
      at->second.first = example;
      at->second.first_time = time;
    }
    auto& condition = at->second;
    ++condition.count;
    condition.last = example;
    condition.last_time = time;
  }

  std::vector<Condition> all() const {
    std::vector<Condition> all;
    for (const auto& [name, condition] : conditions_) all.push_back(condition);
    return all;
  }

 private:
  std::map<std::string, Condition, std::less<>> conditions_;
};

}  // namespace unity
