#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "stages.hpp"
#include "unity/core/base/glob.hpp"
#include "unity/core/units/units.hpp"

namespace unity {
namespace {

// Fields and units that one instance brings; beyond it they are looked up anew.
constexpr std::size_t kPlansMax = 10'000;
constexpr std::size_t kPlacesMax = 64;

struct Rule {
  std::string place;    // among the options
  std::string pattern;  // of the field's name; empty: any, if it has the unit `from`
  std::string from;     // canonical
  Unit to;
  Name to_text;
};
using Rules = std::vector<Rule>;

// The first rule for such a field.
const Rule* find_rule(const Rules& rules, const std::string& field, const Unit& unit) {
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const Rule& rule) {
    return rule.pattern.empty() ? rule.from == unit.text() : matches_glob(rule.pattern, field);
  });
  return found != rules.end() ? &*found : nullptr;
}

class Convert : public Processor {
 public:
  explicit Convert(Rules rules) : rules_(std::move(rules)) {}

  Verdict process(Record& record, const RunContext&) override {
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
      auto& field = record.fields[i];
      if (field.unit.empty() || !is_number(field.value)) continue;
      const auto& plan = plan_at(i, field);
      if (plan.rule == nullptr) continue;
      field.value = plan.conversion(as_double(field.value));
      field.unit = plan.rule->to_text;
    }
    return Verdict::keep();
  }

 private:
  struct Plan {
    const Rule* rule = nullptr;  // null: the field stays as it is
    Conversion conversion;
  };

  // Most records have the fields of the one before them, at the same places.
  const Plan& plan_at(std::size_t place, const Field& field) {
    if (place >= kPlacesMax) place = kPlacesMax - 1;
    if (place >= last_.size()) last_.resize(place + 1);
    auto& last = last_[place];
    if (last.name != field.name || last.unit != field.unit || last.name.empty()) {
      last = {field.name, field.unit, plan_for(field)};
    }
    return last.plan;
  }

  Plan plan_for(const Field& field) {
    key_.assign(field.unit);
    key_ += '\n';
    key_ += field.name;
    const auto known = plans_.find(key_);
    if (known != plans_.end()) return known->second;
    if (plans_.size() >= kPlansMax) plans_.clear();
    auto& plan = plans_[key_];
    const auto unit = parse_unit(field.unit);
    if (!unit) return plan;
    const auto* rule = find_rule(rules_, field.name, *unit);
    if (rule == nullptr) return plan;
    if (const auto way = conversion(*unit, rule->to)) plan = {rule, *way};
    return plan;
  }

  struct Place {
    Name name;
    Name unit;
    Plan plan;
  };

  Rules rules_;
  std::unordered_map<std::string, Plan> plans_;  // "unit\nfield" -> what to do
  std::string key_;
  std::vector<Place> last_;  // of the record before
};

// What the stages that follow will see. Each rule must be good for something.
void change_specs(StageBuild& build, const Rules& rules) {
  std::vector<const Rule*> used;
  bool open = false;
  build.change([&](MetricSpec& metric) {
    open |= metric.open;
    for (auto& field : metric.fields) {
      const auto unit = parse_unit(field.unit);
      const auto* rule = find_rule(rules, field.name, unit ? *unit : Unit{});
      if (rule == nullptr || field.kind == Kind::boolean || field.kind == Kind::text) continue;
      if (!unit && rule->pattern.empty()) continue;
      used.push_back(rule);
      const auto way = unit ? conversion(*unit, rule->to) : unit.error();
      if (way) {
        field.unit = rule->to_text;
        if (field.minimum) field.minimum = (*way)(*field.minimum);
        if (field.maximum) field.maximum = (*way)(*field.maximum);
      } else if (unit) {
        build.complain(rule->place, fmt::format("field {} of metric {}: {}", field.name,
                                                metric.name, way.error().message));
      } else {
        build.complain(rule->place,
                       fmt::format("field {} of metric {} has no unit that is known; the stage "
                                   "`scale` can give it one",
                                   field.name, metric.name));
      }
    }
  });
  for (const auto& rule : rules) {
    if (open || std::find(used.begin(), used.end(), &rule) != used.end()) continue;
    if (rule.pattern.empty()) {
      build.complain(rule.place, fmt::format("no field here has the unit {}", rule.from));
    } else if (rule.pattern.find_first_of("*?") == std::string::npos) {
      build.need_field(rule.pattern, rule.place);
    } else {
      build.complain(rule.place, fmt::format("no field here has a name like {}", rule.pattern));
    }
  }
}

}  // namespace

StageMaker read_convert(Options& options) {
  Rules rules;
  const auto read = [&](const char* option, bool by_unit) {
    options.mapping(option, [&](const std::string& key, const json::Value& value) {
      Rule rule;
      rule.place = fmt::format("{}/{}", option, pointer_step(key));
      const auto* text = value.string();
      const auto to = parse_unit(text != nullptr ? *text : json::dump(value));
      if (!to) return options.complain(rule.place, to.error().message);
      if (by_unit) {
        const auto from = parse_unit(key);
        if (!from) return options.complain(rule.place, from.error().message);
        if (const auto way = conversion(*from, *to); !way) {
          return options.complain(rule.place, way.error().message);
        }
        rule.from = from->text();
      } else {
        rule.pattern = key;
      }
      rule.to = *to;
      rule.to_text = to->text();
      rules.push_back(std::move(rule));
    });
  };
  read("fields", false);  // a field's own rule comes before that of its unit
  read("units", true);
  if (options.find("fields") == nullptr && options.find("units") == nullptr) {
    options.complain("", "needs `fields` or `units`");
  }
  return [rules = std::move(rules)](StageBuild& build) {
    change_specs(build, rules);
    return std::make_unique<Convert>(rules);
  };
}

}  // namespace unity
