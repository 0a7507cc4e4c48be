// What becomes of fields in which nothing is known.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "record_key.hpp"
#include "stages.hpp"

namespace unity {
namespace {

enum class NullPolicy : std::uint8_t { keep, drop_field, drop_record, fill_default, fill_last };

// Of how many sources the last values are kept.
constexpr std::size_t kSourcesMax = 10'000;

struct NullOptions {
  NullPolicy policy = NullPolicy::keep;
  Globs fields;
  FieldValue fill;
};

bool is_null(const Field& field) { return std::holds_alternative<std::monostate>(field.value); }

class Nulls : public Processor {
 public:
  explicit Nulls(const NullOptions& options) : options_(options) {}

  Verdict process(Record& record, const RunContext&) override {
    if (options_.policy == NullPolicy::fill_last) return fill_last(record);
    const auto concerned = [&](const Field& f) {
      return is_null(f) && options_.fields.take(f.name);
    };
    switch (options_.policy) {
      case NullPolicy::drop_field:
        std::erase_if(record.fields, concerned);
        break;
      case NullPolicy::drop_record:
        if (std::any_of(record.fields.begin(), record.fields.end(), concerned)) {
          return Verdict::drop("null");
        }
        break;
      case NullPolicy::fill_default:
        for (auto& field : record.fields) {
          if (concerned(field)) field.value = options_.fill;
        }
        break;
      case NullPolicy::keep:
      case NullPolicy::fill_last:
        break;
    }
    return Verdict::keep();
  }

 private:
  Verdict fill_last(Record& record) {
    const auto& key = key_.of(record);
    auto found = last_.find(key);
    if (found == last_.end()) {
      if (last_.size() >= kSourcesMax) return Verdict::keep();
      found = last_.try_emplace(key).first;
    }
    for (auto& field : record.fields) {
      if (!options_.fields.take(field.name)) continue;
      auto& known = found->second[field.name];
      if (is_null(field)) {
        field.value = known;
      } else {
        known = field.value;
      }
    }
    return Verdict::keep();
  }

  NullOptions options_;
  RecordKey key_;
  std::unordered_map<std::string, std::map<std::string, FieldValue>> last_;
};

}  // namespace

StageMaker read_nulls(Options& in) {
  NullOptions options;
  in.require("policy");
  options.policy = static_cast<NullPolicy>(
      in.choice("policy", {"keep", "drop_field", "drop_record", "default", "last"}).value_or(0));
  options.fields = in.globs("fields");
  if (const auto* fill = in.find("default")) options.fill = to_field_value(*fill);
  const bool filled = !std::holds_alternative<std::monostate>(options.fill);
  if (filled != (options.policy == NullPolicy::fill_default)) {
    in.complain("",
                "`policy: default` needs the option `default`, a number, text or boolean, and "
                "the other policies do not have it");
  }
  return [options](StageBuild& build) {
    for (const auto& pattern : options.fields.patterns()) build.need_field(pattern, "fields");
    return std::make_unique<Nulls>(options);
  };
}

}  // namespace unity
