#include "lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace unity::expression {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
// Of a unit's name: letters, and what is not ASCII (µ, °).
constexpr bool is_unit_letter(char c) {
  return is_letter(c) || static_cast<unsigned char>(c) > 127;
}

// Longest first.
constexpr std::array<std::string_view, 24> kSymbols{"==", "!=", "<=", ">=", "=~", "!~", "&&", "||",
                                                    "<",  ">",  "+",  "-",  "*",  "/",  "%",  "(",
                                                    ")",  "[",  "]",  ",",  ".",  "!",  "?",  ":"};
constexpr std::array<std::string_view, 4> kWordOperators{"and", "or", "in", "not"};

class Lexer {
 public:
  Lexer(std::string_view text, std::optional<Mistake>& mistake) : text_(text), mistake_(mistake) {}

  std::vector<Token> run() {
    std::vector<Token> tokens;
    do {
      skip_blanks();
      Token token;
      token.offset = at_;
      if (at_ < text_.size()) read(token);
      if (mistake_) return {};
      token.length = at_ - token.offset;
      tokens.push_back(std::move(token));
    } while (tokens.back().kind != Token::Kind::end);
    return tokens;
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  void fail(std::size_t from, std::string message) {
    mistake_ = mistake_at(text_, from, at_ - from, std::move(message));
  }

  void read(Token& token) {
    const char c = peek();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return read_number(token);
    if (c == '"' || c == '\'' || c == '`') return read_quoted(token, c);
    if (is_letter(c)) {
      token.kind = Token::Kind::name;
      while (is_letter(peek()) || is_digit(peek())) token.text += text_[at_++];
      return;
    }
    for (const auto symbol : kSymbols) {
      if (!text_.substr(at_).starts_with(symbol)) continue;
      at_ += symbol.size();
      token.kind = Token::Kind::symbol;
      token.text = symbol == "&&"   ? "and"
                   : symbol == "||" ? "or"
                   : symbol == "!"  ? "not"
                                    : std::string(symbol);
      return;
    }
    ++at_;
    while (at_ < text_.size() && (text_[at_] & 0xc0) == 0x80) ++at_;  // the rest of a character
    if (c == '=') return fail(token.offset, "\"=\" compares nothing; write ==");
    fail(token.offset, "this character has no meaning here");
  }

  void read_number(Token& token) {
    token.kind = Token::Kind::number;
    const auto* begin = text_.data() + at_;
    const auto [end, code] = std::from_chars(begin, text_.data() + text_.size(), token.number);
    at_ += static_cast<std::size_t>(end - begin);
    if (code != std::errc() || !std::isfinite(token.number)) {
      return fail(token.offset, "this number is too large or too small");
    }
    const auto after = at_;
    skip_blanks();
    read_unit(token, after);
  }

  // A unit behind a number: names joined by / or . without blanks.
  void read_unit(Token& token, std::size_t after_number) {
    const auto start = at_;
    auto end = name_end(start);
    if (end == start && peek() == '%' && percent_follows()) end = start + 1;
    const auto word = text_.substr(start, end - start);
    if (end == start ||
        std::find(kWordOperators.begin(), kWordOperators.end(), word) != kWordOperators.end()) {
      at_ = after_number;
      return;
    }
    while (end + 1 < text_.size() && (text_[end] == '/' || text_[end] == '.')) {
      const auto next = name_end(end + 1);
      // `5 GB/total` divides by a field.
      if (!parse_unit(text_.substr(end + 1, next - end - 1))) break;
      end = next;
    }
    at_ = end;
    token.text = text_.substr(start, end - start);
    if (const auto unit = parse_unit(token.text); !unit) fail(start, unit.error().message);
  }

  // The end of a unit's name with its power that begins at `from`: "s2", "[degF]", "{packet}".
  std::size_t name_end(std::size_t from) const {
    auto end = from;
    if (end < text_.size() && (text_[end] == '[' || text_[end] == '{')) {
      const auto close = text_.find(text_[end] == '[' ? ']' : '}', end);
      const bool name = close != text_.npos && parse_unit(text_.substr(end, close + 1 - end));
      return name ? close + 1 : from;
    }
    while (end < text_.size() && is_unit_letter(text_[end])) ++end;
    if (end > from && end < text_.size() && is_digit(text_[end])) ++end;
    return end;
  }

  // `80 % and …` is a percentage, `80 % x` a remainder.
  bool percent_follows() const {
    auto next = at_ + 1;
    while (next < text_.size() && is_blank(text_[next])) ++next;
    if (next == text_.size()) return true;
    const char c = text_[next];
    if (is_digit(c) || c == '(' || c == '`' || c == '.') return false;
    if (!is_letter(c)) return true;
    auto end = next;
    while (end < text_.size() && is_letter(text_[end])) ++end;
    const auto word = text_.substr(next, end - next);
    return std::find(kWordOperators.begin(), kWordOperators.end(), word) != kWordOperators.end();
  }

  // In double quotes a backslash escapes; in single quotes and backticks everything is as written.
  void read_quoted(Token& token, char quote) {
    token.kind = quote == '`' ? Token::Kind::quoted_name : Token::Kind::text;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == quote) {
        ++at_;
        if (quote == '`' && token.text.empty()) fail(token.offset, "a name is missing in here");
        return;
      }
      if (quote != '"' || text_[at_] != '\\') {
        token.text += text_[at_];
        continue;
      }
      ++at_;
      constexpr std::string_view kEscapes = "\\\"nt";
      const auto escape = kEscapes.find(peek());
      if (at_ == text_.size()) break;
      if (escape == kEscapes.npos) {
        const auto from = at_++ - 1;
        return fail(from, "unknown escape; there are \\\\ \\\" \\n \\t, and none in single quotes");
      }
      token.text += "\\\"\n\t"[escape];
    }
    fail(token.offset, fmt::format("the closing {} is missing", quote));
  }

  std::string_view text_;
  std::optional<Mistake>& mistake_;
  std::size_t at_ = 0;
};

}  // namespace

Mistake mistake_at(std::string_view text, std::size_t offset, std::size_t length,
                   std::string message) {
  Mistake out{offset, length, 1, 1, std::move(message)};
  for (const char c : text.substr(0, offset)) {
    if (c == '\n') {
      ++out.line;
      out.column = 1;
    } else if ((c & 0xc0) != 0x80) {
      ++out.column;
    }
  }
  return out;
}

std::vector<Token> tokens_of(std::string_view text, std::optional<Mistake>& mistake) {
  return Lexer(text, mistake).run();
}

}  // namespace unity::expression
