#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "stages.hpp"
#include "unity/core/base/glob.hpp"

namespace unity {
namespace {

constexpr std::int64_t kDigitsMax = 15;

struct Digits {
  std::string pattern;  // of the field's name
  double scale = 1;     // ten to the power of the digits
};

// Cuts numbers to some digits behind the point. Whole numbers stay as they are.
class Round : public Processor {
 public:
  explicit Round(std::vector<Digits> fields) : fields_(std::move(fields)) {}

  Verdict process(Record& record, const RunContext&) override {
    for (auto& field : record.fields) {
      auto* value = std::get_if<double>(&field.value);
      if (value == nullptr) continue;
      const auto found = std::find_if(fields_.begin(), fields_.end(), [&](const Digits& digits) {
        return matches_glob(digits.pattern, field.name);
      });
      if (found == fields_.end()) continue;
      const double rounded = std::round(*value * found->scale) / found->scale;
      if (std::isfinite(rounded)) *value = rounded;  // else it has no digits to spare
    }
    return Verdict::keep();
  }

 private:
  std::vector<Digits> fields_;
};

}  // namespace

StageMaker read_round(Options& options) {
  std::vector<Digits> fields;
  options.mapping("fields", [&](const std::string& pattern, const json::Value& value) {
    if (!value.is_integer() || value.integer() < 0 || value.integer() > kDigitsMax) {
      return options.complain("fields/" + pointer_step(pattern),
                              fmt::format("must be 0 to {} digits", kDigitsMax));
    }
    fields.push_back({pattern, std::pow(10, value.integer())});
  });
  if (const auto digits = options.whole("digits", 0, kDigitsMax)) {
    fields.push_back({"*", std::pow(10, *digits)});  // all others
  } else if (options.find("fields") == nullptr) {
    options.complain("", "needs `digits` or `fields`");
  }
  return [fields = std::move(fields)](StageBuild& build) {
    for (const auto& field : fields) {
      if (field.pattern.find_first_of("*?") != std::string::npos) continue;
      build.need_field(field.pattern, "fields/" + pointer_step(field.pattern));
    }
    return std::make_unique<Round>(fields);
  };
}

}  // namespace unity
