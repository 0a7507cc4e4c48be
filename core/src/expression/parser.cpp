#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "lexer.hpp"
#include "syntax.hpp"

namespace unity::expression {
namespace {

using Node = std::unique_ptr<Syntax>;

// The levels of the operators that stand between two operands, loosest first. `not` stands between
// the second and the third.
constexpr std::string_view kOr[] = {"or"};
constexpr std::string_view kAnd[] = {"and"};
constexpr std::string_view kCompare[] = {"==", "!=", "<", "<=", ">", ">=", "=~", "!~"};
constexpr std::string_view kAdd[] = {"+", "-"};
constexpr std::string_view kMultiply[] = {"*", "/", "%"};

class Parser {
 public:
  Parser(std::string_view text, std::optional<Mistake>& mistake)
      : text_(text), mistake_(mistake), tokens_(tokens_of(text, mistake)) {}

  Node run() {
    if (mistake_) return nullptr;
    auto root = any();
    if (root && now().kind != Token::Kind::end) return fail(now(), unexpected("an operator"));
    return mistake_ ? nullptr : std::move(root);
  }

 private:
  const Token& now() const { return tokens_[at_]; }
  void next() {
    if (now().kind != Token::Kind::end) ++at_;
  }
  // An operator or bracket at this place; words count only where an operator is possible.
  bool is(std::string_view symbol) const {
    return (now().kind == Token::Kind::symbol || now().kind == Token::Kind::name) &&
           now().text == symbol;
  }
  bool take(std::string_view symbol) {
    if (!is(symbol)) return false;
    next();
    return true;
  }

  Node fail(const Token& where, std::string message) {
    if (!mistake_) mistake_ = mistake_at(text_, where.offset, where.length, std::move(message));
    return nullptr;
  }
  std::string unexpected(std::string_view wanted) const {
    if (now().kind == Token::Kind::end) return fmt::format("{} is missing at the end", wanted);
    return fmt::format("{} was expected instead of {}", wanted,
                       text_.substr(now().offset, now().length));
  }

  Node make(Syntax::Kind kind, const Token& token) {
    auto node = std::make_unique<Syntax>();
    node->kind = kind;
    node->offset = token.offset;
    node->length = token.length;
    node->text = token.text;
    return node;
  }

  // A call that reaches from `begin` to what was read last.
  Node call(std::string_view name, std::size_t begin, std::vector<Node> args) {
    auto node = std::make_unique<Syntax>();
    node->kind = Syntax::Kind::call;
    node->text = name;
    node->offset = begin;
    const auto& last = tokens_[at_ - 1];
    node->length = last.offset + last.length - begin;
    for (const auto& arg : args) {
      if (!arg) return nullptr;
      node->depth = std::max(node->depth, arg->depth + 1);
    }
    node->args = std::move(args);
    if (node->depth > kChainMax) {
      return fail(last, fmt::format("more than {} operations in a row; write a list with `in`, or "
                                    "several expressions",
                                    kChainMax));
    }
    return node;
  }
  template <class... Args>
  Node call_of(std::string_view name, std::size_t begin, Args... args) {
    std::vector<Node> list;
    (list.push_back(std::move(args)), ...);
    return call(name, begin, std::move(list));
  }

  Node any() {
    if (++nesting_ > kNestingMax) {
      return fail(now(), fmt::format("more than {} brackets within each other", kNestingMax));
    }
    auto node = chain(kOr, &Parser::conjunction);
    --nesting_;
    return node;
  }

  Node chain(std::span<const std::string_view> operators, Node (Parser::*operand)()) {
    const auto begin = now().offset;
    auto left = (this->*operand)();
    while (left) {
      const auto found = std::find_if(operators.begin(), operators.end(),
                                      [this](std::string_view symbol) { return is(symbol); });
      if (found == operators.end()) break;
      next();
      auto right = (this->*operand)();
      left = call_of(*found, begin, std::move(left), std::move(right));
    }
    return left;
  }

  Node conjunction() { return chain(kAnd, &Parser::negation); }

  Node negation() {
    const auto begin = now().offset;
    std::size_t count = 0;
    while (take("not")) ++count;
    if (count > kNestingMax) return fail(now(), "too many negations");
    auto node = comparison();
    for (; node && count > 0; --count) node = call_of("not", begin, std::move(node));
    return node;
  }

  Node comparison() {
    const auto begin = now().offset;
    auto left = chain(kCompare, &Parser::sum);
    if (!left) return left;
    const bool negated = is("not");
    if (negated) next();
    if (take("in")) {
      auto elements = list();
      auto node = call_of("in", begin, std::move(left), std::move(elements));
      return negated ? call_of("not", begin, std::move(node)) : std::move(node);
    }
    if (negated) return fail(now(), unexpected("`in`"));
    return left;
  }

  Node sum() { return chain(kAdd, &Parser::term); }
  Node term() { return chain(kMultiply, &Parser::sign); }

  Node sign() {
    const auto begin = now().offset;
    std::size_t count = 0;
    while (take("-")) ++count;
    if (count > kNestingMax) return fail(now(), "too many signs");
    auto node = primary();
    for (; node && count > 0; --count) node = call_of("-", begin, std::move(node));
    return node;
  }

  Node primary() {
    const Token token = now();
    next();
    switch (token.kind) {
      case Token::Kind::number: {
        auto node = make(Syntax::Kind::number, token);
        node->number = token.number;
        node->unit = token.text;
        return node;
      }
      case Token::Kind::text:
        return make(Syntax::Kind::text, token);
      case Token::Kind::quoted_name:
        return make(Syntax::Kind::quoted_name, token);
      case Token::Kind::name:
        return name(token);
      case Token::Kind::symbol:
        if (token.text == "(") {
          auto node = any();
          if (node && !take(")")) return fail(now(), unexpected("`)`"));
          return node;
        }
        break;
      case Token::Kind::end:
        break;
    }
    if (token.kind != Token::Kind::end) --at_;
    return fail(token, unexpected("a value"));
  }

  Node name(const Token& token) {
    if (token.text == "true" || token.text == "false") {
      auto node = make(Syntax::Kind::boolean, token);
      node->number = token.text == "true" ? 1 : 0;
      return node;
    }
    if (token.text == "null") return make(Syntax::Kind::null, token);
    for (const std::string_view word : {"and", "or", "in", "not"}) {
      if (token.text == word) {
        --at_;
        return fail(token, unexpected("a value"));
      }
    }
    if (take("(")) {
      auto args = arguments(")");
      return mistake_ ? nullptr : call(token.text, token.offset, std::move(args));
    }
    if (token.text == "tags") return tag(token);
    return make(Syntax::Kind::name, token);
  }

  // tags.device, tags["device"]
  Node tag(const Token& begin) {
    const bool dot = take(".");
    if (!dot && !take("[")) return fail(now(), unexpected("a tag, as in tags.device,"));
    const auto kind = now().kind;
    const bool good = dot ? kind == Token::Kind::name || kind == Token::Kind::quoted_name
                          : kind == Token::Kind::text;
    if (!good) {
      return fail(now(), unexpected(dot ? "the name of a tag" : "the name of a tag in quotes"));
    }
    auto node = make(Syntax::Kind::tag, now());
    next();
    if (!dot && !take("]")) return fail(now(), unexpected("`]`"));
    const auto& last = tokens_[at_ - 1];
    node->offset = begin.offset;
    node->length = last.offset + last.length - begin.offset;
    return node;
  }

  std::vector<Node> arguments(std::string_view close) {
    std::vector<Node> args;
    if (take(close)) return args;
    while (!mistake_) {
      auto arg = any();
      if (!arg) break;
      args.push_back(std::move(arg));
      if (take(close)) break;
      if (!is(",")) {
        fail(now(), unexpected(fmt::format("`,` or `{}`", close)));
      } else if (args.size() == kArgumentsMax) {
        fail(now(), fmt::format("more than {} values", kArgumentsMax));
      }
      next();
    }
    return args;
  }

  Node list() {
    const auto open = now();
    if (!take("[")) return fail(now(), unexpected("a list such as [\"sda\", \"sdb\"]"));
    auto elements = arguments("]");
    if (mistake_) return nullptr;
    auto node = call("[]", open.offset, std::move(elements));
    if (node) node->kind = Syntax::Kind::list;
    return node;
  }

  std::string_view text_;
  std::optional<Mistake>& mistake_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t nesting_ = 0;
};

}  // namespace

std::unique_ptr<Syntax> parse(std::string_view text, std::optional<Mistake>& mistake) {
  if (text.size() > kExpressionSizeMax) {
    mistake = mistake_at(text, kExpressionSizeMax, 0,
                         fmt::format("an expression has at most {} bytes", kExpressionSizeMax));
    return nullptr;
  }
  return Parser(text, mistake).run();
}

}  // namespace unity::expression
