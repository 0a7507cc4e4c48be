// Gives fields another type: numbers that come as text, booleans as words.
#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "field_finder.hpp"
#include "stages.hpp"

namespace unity {
namespace {

enum class Type : std::uint8_t { number, whole, boolean, text };

struct Cast {
  std::string field;
  Type type;
};

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return number;
}

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t\r\n");
  if (from == text.npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

std::optional<FieldValue> parse_text(std::string_view text, Type type) {
  text = trimmed(text);
  if (type == Type::boolean) {
    for (const auto word : {"true", "yes", "on", "1"}) {
      if (text == word) return true;
    }
    for (const auto word : {"false", "no", "off", "0"}) {
      if (text == word) return false;
    }
    return std::nullopt;
  }
  if (const auto whole = parse_number<std::int64_t>(text)) return *whole;
  if (const auto positive = parse_number<std::uint64_t>(text)) return *positive;
  const auto real = parse_number<double>(text);
  if (!real || !std::isfinite(*real) || (type == Type::whole && *real != std::floor(*real))) {
    return std::nullopt;
  }
  return *real;
}

std::string print(const FieldValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  if (const auto* positive = std::get_if<std::uint64_t>(&value)) return std::to_string(*positive);
  return fmt::format("{}", as_double(value));
}

std::optional<FieldValue> cast(const FieldValue& value, Type type) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    return type == Type::text ? FieldValue(*text) : parse_text(*text, type);
  }
  switch (type) {
    case Type::text:
      return print(value);
    case Type::boolean:
      return as_double(value) != 0;
    case Type::whole: {
      const auto* real = std::get_if<double>(&value);
      if (real == nullptr) break;
      if (std::abs(*real) >= 0x1p63) return std::nullopt;
      return static_cast<std::int64_t>(std::trunc(*real));
    }
    case Type::number:
      break;
  }
  if (const auto* flag = std::get_if<bool>(&value)) return std::int64_t{*flag ? 1 : 0};
  return value;
}

Kind kind_after(Type type, Kind kind) {
  if (type == Type::text) return Kind::text;
  if (type == Type::boolean) return Kind::boolean;
  return kind == Kind::text || kind == Kind::boolean ? Kind::gauge : kind;
}

class CastStage : public Processor {
 public:
  explicit CastStage(const std::vector<Cast>& casts) {
    for (const auto& one : casts) casts_.push_back({FieldFinder(one.field), one.type});
  }

  Verdict process(Record& record, const RunContext&) override {
    for (auto& [finder, type] : casts_) {
      auto* field = finder.in(record);
      if (field == nullptr || std::holds_alternative<std::monostate>(field->value)) continue;
      auto value = cast(field->value, type);
      if (!value) {
        return Verdict::reject("wrong type",
                               fmt::format("field \"{}\" of \"{}\" is \"{}\", which cannot be cast",
                                           field->name, record.metric,
                                           std::holds_alternative<std::string>(field->value)
                                               ? std::get<std::string>(field->value)
                                               : print(field->value)));
      }
      field->value = std::move(*value);
      field->kind = kind_after(type, field->kind);
    }
    return Verdict::keep();
  }

 private:
  struct Bound {
    FieldFinder finder;
    Type type;
  };
  std::vector<Bound> casts_;
};

}  // namespace

StageMaker read_cast(Options& in) {
  std::vector<Cast> casts;
  in.require("fields");
  in.section("fields", [&](Options& fields) {
    for (const auto& name : fields.names()) {
      const auto type = fields.choice(name, {"number", "whole", "bool", "text"});
      if (type) casts.push_back({name, static_cast<Type>(*type)});
    }
  });
  return [casts](StageBuild& build) {
    for (const auto& one : casts) build.need_field(one.field, "fields/" + pointer_step(one.field));
    build.change([&](MetricSpec& metric) {
      for (auto& field : metric.fields) {
        for (const auto& one : casts) {
          if (one.field == field.name) field.kind = kind_after(one.type, field.kind);
        }
      }
    });
    return std::make_unique<CastStage>(casts);
  };
}

}  // namespace unity
