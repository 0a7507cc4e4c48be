// Takes parts of a text into tags and fields, or replaces them.
#include "unity/core/base/regex.hpp"

#include <fmt/format.h>

#include "field_finder.hpp"
#include "stages.hpp"

namespace unity {
namespace {

// The text that is read, or written to.
struct TextPlace {
  enum class What : std::uint8_t { metric, field, tag };
  What what = What::field;
  std::string name;
};

// "metric", "tags.NAME" or the name of a field.
TextPlace to_place(const std::string& text) {
  constexpr std::string_view kTags = "tags.";
  if (text == "metric") return {TextPlace::What::metric, {}};
  if (text.starts_with(kTags)) return {TextPlace::What::tag, text.substr(kTags.size())};
  return {TextPlace::What::field, text};
}

struct RegexOptions {
  TextPlace from;
  std::optional<Regex> regex;
  std::optional<std::string> replacement;
  std::vector<TextPlace> into;  // one for each group
  bool reject = false;          // a record whose text does not match
};

class RegexStage : public Processor {
 public:
  explicit RegexStage(const RegexOptions& options) : options_(options), from_(options.from.name) {}

  Verdict process(Record& record, const RunContext&) override {
    const auto* found = text_in(record);
    if (found == nullptr) return Verdict::keep();
    const std::string text = *found;  // what is written may be what is read
    const auto parts = options_.regex->match(text);
    if (parts.empty()) {
      if (!options_.reject) return Verdict::keep();
      return Verdict::reject("no match", fmt::format("\"{}\" of a record of \"{}\" does not match",
                                                     text, record.metric));
    }
    if (options_.replacement) {
      write(record, options_.from, options_.regex->replace(text, *options_.replacement));
    }
    for (std::size_t i = 0; i < options_.into.size(); ++i) {
      write(record, options_.into[i], std::string(parts[i + 1]));
    }
    return Verdict::keep();
  }

 private:
  const std::string* text_in(Record& record) {
    if (options_.from.what == TextPlace::What::metric) return &record.metric.text();
    if (options_.from.what == TextPlace::What::tag) return record.tags.find(options_.from.name);
    auto* field = from_.in(record);
    return field != nullptr ? std::get_if<std::string>(&field->value) : nullptr;
  }

  static void write(Record& record, const TextPlace& place, std::string text) {
    if (place.what == TextPlace::What::metric) {
      record.metric = std::move(text);
    } else if (place.what == TextPlace::What::tag) {
      record.tags.set(place.name, text);
    } else {
      for (auto& field : record.fields) {
        if (field.name != place.name) continue;
        field.value = std::move(text);
        field.kind = Kind::text;
        return;
      }
      record.fields.push_back({place.name, std::move(text), Kind::text, {}});
    }
  }

  RegexOptions options_;
  FieldFinder from_;
};

void check_groups(Options& in, const RegexOptions& options) {
  if (options.replacement.has_value() == !options.into.empty()) {
    in.complain("", "`regex` needs either `replace` or `into`");
  }
  if (options.regex && options.into.size() > options.regex->groups()) {
    in.complain("into", fmt::format("`into` has {} names, the pattern has {} groups in parentheses",
                                    options.into.size(), options.regex->groups()));
  }
}

}  // namespace

StageMaker read_regex(Options& in) {
  RegexOptions options;
  in.require("from");
  in.require("pattern");
  if (const auto from = in.text("from")) options.from = to_place(*from);
  if (const auto pattern = in.text("pattern")) {
    auto regex = Regex::compile(*pattern);
    if (regex) {
      options.regex = *regex;
    } else {
      in.complain("pattern", regex.error().message);
    }
  }
  if (const auto* with = in.find("replace"); with != nullptr && with->string() != nullptr) {
    options.replacement = *with->string();
  } else if (with != nullptr) {
    in.complain("replace", "`replace` must be text");
  }
  for (const auto& name : in.texts("into")) options.into.push_back(to_place(name));
  options.reject = in.choice("no_match", {"keep", "reject"}).value_or(0) == 1;
  check_groups(in, options);
  return [options](StageBuild& build) {
    if (options.from.what == TextPlace::What::field) build.need_field(options.from.name, "from");
    build.change([&](MetricSpec& metric) {
      for (const auto& place : options.into) {
        if (place.what != TextPlace::What::field || metric.find(place.name) != nullptr) continue;
        FieldSpec spec;
        spec.name = place.name;
        spec.kind = Kind::text;
        metric.fields.push_back(std::move(spec));
      }
    });
    return std::make_unique<RegexStage>(options);
  };
}

}  // namespace unity
