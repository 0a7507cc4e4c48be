#include "unity/core/expression/expression.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checker.hpp"

namespace unity {
namespace {

constexpr std::size_t kShownMax = 100;  // bytes of a line in a rendered mistake

bool begins_character(char c) { return (c & 0xc0) != 0x80; }

}  // namespace

std::string_view to_text(ValueType type) {
  switch (type) {
    case ValueType::null:
      return "null";
    case ValueType::number:
      return "number";
    case ValueType::boolean:
      return "boolean";
    case ValueType::text:
      return "text";
    case ValueType::any:
      break;
  }
  return "any";
}

std::string Mistake::summary() const { return fmt::format("{}:{}: {}", line, column, message); }

std::string render(const Mistake& mistake, std::string_view text) {
  const auto before = text.substr(0, mistake.offset);
  auto begin = before.find_last_of('\n') + 1;  // npos + 1 is 0
  const auto end = std::min(text.find('\n', mistake.offset), text.size());
  if (mistake.offset - begin > kShownMax) begin = mistake.offset - kShownMax;
  while (begin < mistake.offset && !begins_character(text[begin])) ++begin;
  auto shown = text.substr(begin, std::min(end - begin, 2 * kShownMax));
  std::string line;
  std::string carets;
  for (std::size_t at = begin; at < begin + shown.size(); ++at) {
    const char c = text[at];
    const bool control = static_cast<unsigned char>(c) < ' ';
    line += control ? ' ' : c;
    if (!begins_character(c)) continue;
    carets += at >= mistake.offset && at < mistake.offset + mistake.length ? '^' : ' ';
  }
  carets.erase(carets.find_last_not_of(' ') + 1);
  if (carets.empty()) {
    const auto column =
        std::count_if(text.begin() + static_cast<std::ptrdiff_t>(begin),
                      text.begin() + static_cast<std::ptrdiff_t>(mistake.offset), begins_character);
    carets = std::string(static_cast<std::size_t>(column), ' ') + "^";
  }
  return fmt::format("{}\n  {}\n  {}\n", mistake.summary(), line, carets);
}

Result<Expression> Expression::compile(std::string_view text, const Scope& scope,
                                       const Wanted& wanted, Mistake* mistake) {
  std::optional<Mistake> found;
  auto program = std::make_unique<expression::Program>();
  const auto syntax = expression::parse(text, found);
  if (syntax) expression::Checker(text, scope, *program, found).run(*syntax, wanted);
  if (!found) return Expression(std::move(program));
  const Error error{Errc::invalid, found->summary()};
  if (mistake != nullptr) *mistake = std::move(*found);
  return error;
}

Expression::Expression(std::unique_ptr<expression::Program> program)
    : program_(std::move(program)) {}
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

Value Expression::evaluate(const Record& record) { return program_->evaluate(record); }
ValueType Expression::type() const { return program_->type; }
const std::optional<Unit>& Expression::unit() const { return program_->unit; }
bool Expression::always_null() const {
  const auto& root = program_->nodes.back();
  return root.op == expression::Op::constant && program_->constants[root.index].is_null();
}

}  // namespace unity
