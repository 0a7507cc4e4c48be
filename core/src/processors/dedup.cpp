// Lets a series pass when it changes, and now and then to show that it is alive.
#include <unordered_map>

#include "record_key.hpp"
#include "stages.hpp"

namespace unity {
namespace {

constexpr Duration kLongest = std::chrono::hours(24 * 365);
// Series beyond these pass unchanged: forgetting some would let them through at random.
constexpr std::size_t kSeriesMax = 100'000;

class Dedup : public Processor {
 public:
  Dedup(Duration window, Globs ignored) : window_(window), ignored_(std::move(ignored)) {}

  Verdict process(Record& record, const RunContext& context) override {
    const auto& key = key_.of(record);
    auto found = last_.find(key);
    if (found == last_.end()) {
      if (last_.size() >= kSeriesMax) return Verdict::keep();
      found = last_.try_emplace(key).first;
    } else if (context.began - found->second.passed < window_ && same(found->second, record)) {
      return Verdict::drop("duplicate");
    }
    found->second.passed = context.began;
    found->second.fields = record.fields;
    found->second.summary = record.summary;
    return Verdict::keep();
  }

 private:
  struct Last {
    Instant passed{};
    std::vector<Field> fields;
    std::string summary;
  };

  bool same(const Last& last, const Record& record) const {
    if (last.fields.size() != record.fields.size() || last.summary != record.summary) return false;
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
      const auto& before = last.fields[i];
      const auto& now = record.fields[i];
      if (before.name != now.name) return false;
      if (before.value != now.value && (ignored_.empty() || !ignored_.take(now.name))) return false;
    }
    return true;
  }

  Duration window_;
  Globs ignored_;  // fields that may change without being a change; none: none
  RecordKey key_;
  std::unordered_map<std::string, Last> last_;
};

}  // namespace

StageMaker read_dedup(Options& in) {
  const auto heartbeat = in.duration("heartbeat", std::chrono::milliseconds(1), kLongest)
                             .value_or(std::chrono::minutes(5));
  const auto ignored = in.globs("ignore_fields");
  return [heartbeat, ignored](StageBuild&) { return std::make_unique<Dedup>(heartbeat, ignored); };
}

}  // namespace unity
