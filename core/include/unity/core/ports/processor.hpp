// One stage that a record passes between a run and storage.
#pragma once

#include <string>
#include <string_view>
#include <vector>

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
  Time emitted{};   // the same for people; what is later than this is from the future
};

// Something that an operator should know of the records of an instance: it goes on, is counted,
// and is shown by `status` until the stage is made anew.
struct Condition {
  std::string name;  // a word or two: "undeclared", "cardinality"
  std::uint64_t count = 0;
  std::string first;  // a sentence about the first case
  std::string last;   // and about the newest
  Time first_time{};
  Time last_time{};

  friend bool operator==(const Condition&, const Condition&) = default;
};

// Belongs to one collector instance, whose records it sees one at a time and in order; it may
// keep state between runs.
class Processor {
 public:
  virtual ~Processor() = default;
  virtual Verdict process(Record& record, const RunContext& context) = 0;

  // What the stage must know after a restart, as text that only restore() reads. Empty: nothing.
  virtual std::string save() const { return {}; }
  // Text that cannot be read, because another version wrote it, is left aside.
  virtual void restore(std::string_view /*saved*/) {}

  virtual std::vector<Condition> conditions() const { return {}; }
};

}  // namespace unity
