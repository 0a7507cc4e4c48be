// One stage that a record passes between a run and storage.
#pragma once

#include <string>

#include "unity/core/model/record.hpp"

namespace unity {

struct Verdict {
  enum class Action : std::uint8_t {
    keep,
    drop,    // as intended: counted by reason
    reject,  // the record is bad: counted, and kept aside with reason and detail
  };
  Action action = Action::keep;
  std::string reason;  // a word or two, for counting
  std::string detail;  // a sentence for people

  static Verdict keep() { return {}; }
  static Verdict drop(std::string reason) { return {Action::drop, std::move(reason), {}}; }
  static Verdict reject(std::string reason, std::string detail) {
    return {Action::reject, std::move(reason), std::move(detail)};
  }
};

// What a stage may know of the run that emitted the record.
struct RunContext {
  Time started{};   // for records without a time of their own
  Instant began{};  // when the record was emitted, on the clock that nobody sets
};

// Belongs to one collector instance, whose records it sees one at a time and in order; it may
// keep state between runs.
class Processor {
 public:
  virtual ~Processor() = default;
  virtual Verdict process(Record& record, const RunContext& context) = 0;
};

}  // namespace unity
