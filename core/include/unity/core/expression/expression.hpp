// The language of filters and derived metrics: one expression over one record, such as
// `available < 5 GB and tags.mount =~ "^/srv"`. Types and units are checked when it is compiled;
// evaluating a compiled one never fails and, for numbers, never allocates.
// docs/expressions.md explains it to those who write expressions.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "unity/core/base/result.hpp"
#include "unity/core/model/manifest.hpp"
#include "unity/core/model/record.hpp"
#include "unity/core/units/units.hpp"

namespace unity {

inline constexpr std::size_t kExpressionSizeMax = 4096;  // bytes of text

enum class ValueType : std::uint8_t {
  null,
  number,
  boolean,
  text,
  any,  // only before evaluation: known when a record comes
};
std::string_view to_text(ValueType type);

// What an expression came to. A text lives as long as the record and until the next evaluation.
struct Value {
  ValueType type = ValueType::null;
  double number = 0;  // finite; of a boolean: 0 or 1
  std::string_view text;

  bool is_null() const { return type == ValueType::null; }
  // As a filter sees it: null is not true.
  bool is_true() const { return type == ValueType::boolean && number != 0; }
};

// Where the names of an expression are looked up when it is compiled: what is known of the records
// that will come. Of one metric, as fields of two metrics may differ in type and unit.
struct Scope {
  const MetricSpec* metric = nullptr;  // null: nothing is known, any field may come
  // All metrics whose records the expression may meet. A field that only others of them have is
  // null in this one instead of a mistake.
  std::span<const MetricSpec* const> others{};
};

// Where in the text of an expression which mistake is.
struct Mistake {
  std::size_t offset = 0;  // in bytes
  std::size_t length = 0;  // perhaps 0, at the end of the text
  std::size_t line = 1;
  std::size_t column = 1;  // in characters, as an editor counts
  std::string message;     // "cannot compare By (information) with s (time)"

  std::string summary() const;  // "line:column: message"
};

// The summary, the line it is in, and a line with carets below what is meant.
std::string render(const Mistake& mistake, std::string_view text);

namespace expression {
class Program;
}

// Belongs to one thread at a time: it remembers where it last found each field.
class Expression {
 public:
  struct Wanted {
    ValueType type = ValueType::any;  // any other type is a mistake
    std::optional<Unit> unit;         // numbers are converted to it
  };
  // On failure the error's message is the mistake's summary; `mistake`, if given, has it in parts.
  static Result<Expression> compile(std::string_view text, const Scope& scope, const Wanted& wanted,
                                    Mistake* mistake = nullptr);
  static Result<Expression> compile(std::string_view text, const Scope& scope,
                                    Mistake* mistake = nullptr) {
    return compile(text, scope, Wanted{}, mistake);
  }

  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  Value evaluate(const Record& record);

  ValueType type() const;
  // Of a number; nothing if none is known, as of `1 + 1`.
  const std::optional<Unit>& unit() const;
  // It comes to null for every record, because it needs a field that the metric does not have.
  bool always_null() const;

 private:
  explicit Expression(std::unique_ptr<expression::Program> program);
  std::unique_ptr<expression::Program> program_;
};

}  // namespace unity
