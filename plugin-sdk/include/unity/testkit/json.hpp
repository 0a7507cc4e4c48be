// A small reader of JSON, for what a plugin under test emits and declares. Strict; throws
// std::invalid_argument with the place of a mistake.
#pragma once

#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace unity::testkit {

class Json {
 public:
  enum class Kind { null, boolean, number, string, array, object };
  using Members = std::vector<std::pair<std::string, Json>>;

  static Json parse(std::string_view text);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  // The text that it was read from.
  const std::string& raw() const { return raw_; }

  bool boolean() const { return need(Kind::boolean, "true or false"), raw_ == "true"; }
  double number() const { return as<double>(); }
  std::int64_t integer() const { return as<std::int64_t>(); }
  std::uint64_t unsigned_integer() const { return as<std::uint64_t>(); }
  const std::string& string() const { return need(Kind::string, "a string"), string_; }
  const std::vector<Json>& items() const { return need(Kind::array, "an array"), items_; }
  const Members& members() const { return need(Kind::object, "an object"), members_; }

  // Null if this is no object or has no such member.
  const Json* find(std::string_view name) const {
    for (const auto& [key, value] : members_) {
      if (key == name) return &value;
    }
    return nullptr;
  }
  const Json& at(std::string_view name) const {
    const auto* found = find(name);
    if (found == nullptr) {
      throw std::invalid_argument("there is no \"" + std::string(name) + "\" in " + raw_);
    }
    return *found;
  }

 private:
  class Reader;

  void need(Kind kind, const char* wanted) const {
    if (kind_ != kind) throw std::invalid_argument(raw_ + " is not " + wanted);
  }
  template <class Number>
  Number as() const {
    need(Kind::number, "a number");
    Number value{};
    const auto [end, error] = std::from_chars(raw_.data(), raw_.data() + raw_.size(), value);
    if (error != std::errc() || end != raw_.data() + raw_.size()) {
      throw std::invalid_argument(raw_ + " does not fit the type that is asked for");
    }
    return value;
  }

  Kind kind_ = Kind::null;
  std::string raw_;
  std::string string_;
  std::vector<Json> items_;
  Members members_;
};

class Json::Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Json document() {
    auto value = read(0);
    skip_space();
    if (at_ != text_.size()) fail("text after the end");
    return value;
  }

 private:
  static constexpr int kDepthMax = 64;

  Json read(int depth) {
    if (depth > kDepthMax) fail("nested too deep");
    skip_space();
    const auto start = at_;
    Json value;
    switch (peek()) {
      case '{':
        read_object(value, depth);
        break;
      case '[':
        read_array(value, depth);
        break;
      case '"':
        value.kind_ = Kind::string;
        value.string_ = read_string();
        break;
      case 't':
      case 'f':
        value.kind_ = Kind::boolean;
        word(peek() == 't' ? "true" : "false");
        break;
      case 'n':
        word("null");
        break;
      default:
        value.kind_ = Kind::number;
        read_number();
    }
    value.raw_ = text_.substr(start, at_ - start);
    return value;
  }

  void read_object(Json& value, int depth) {
    value.kind_ = Kind::object;
    ++at_;
    skip_space();
    if (accept('}')) return;
    do {
      skip_space();
      auto name = read_string();
      if (value.find(name) != nullptr) fail("member \"" + name + "\" appears twice");
      skip_space();
      expect(':');
      value.members_.emplace_back(std::move(name), read(depth + 1));
      skip_space();
    } while (accept(','));
    expect('}');
  }

  void read_array(Json& value, int depth) {
    value.kind_ = Kind::array;
    ++at_;
    skip_space();
    if (accept(']')) return;
    do {
      value.items_.push_back(read(depth + 1));
      skip_space();
    } while (accept(','));
    expect(']');
  }

  std::string read_string() {
    expect('"');
    std::string out;
    for (;;) {
      const char c = next();
      if (c == '"') return out;
      if (static_cast<unsigned char>(c) < 0x20) fail("a control character in a string");
      out += c == '\\' ? read_escape() : std::string(1, c);
    }
  }

  std::string read_escape() {
    static constexpr std::string_view names = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    const char c = next();
    if (const auto found = names.find(c); found != names.npos) return {meanings[found]};
    if (c != 'u') fail("an unknown escape");
    auto code = read_hex();
    if (code >= 0xDC00 && code < 0xE000) fail("half of a surrogate pair");
    if (code >= 0xD800 && code < 0xDC00) {
      word("\\u");
      const auto low = read_hex();
      if (low < 0xDC00 || low >= 0xE000) fail("half of a surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    return utf8(code);
  }

  std::uint32_t read_hex() {
    std::uint32_t code = 0;
    const auto digits = text_.substr(at_, 4);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (error != std::errc() || end != digits.data() + 4) fail("a bad \\u escape");
    at_ += 4;
    return code;
  }

  static std::string utf8(std::uint32_t code) {
    const auto byte = [](std::uint32_t bits) { return static_cast<char>(bits); };
    if (code < 0x80) return {byte(code)};
    if (code < 0x800) return {byte(0xC0 | code >> 6), byte(0x80 | (code & 63))};
    if (code < 0x10000) {
      return {byte(0xE0 | code >> 12), byte(0x80 | (code >> 6 & 63)), byte(0x80 | (code & 63))};
    }
    return {byte(0xF0 | code >> 18), byte(0x80 | (code >> 12 & 63)), byte(0x80 | (code >> 6 & 63)),
            byte(0x80 | (code & 63))};
  }

  void read_number() {
    accept('-');
    if (!accept('0')) digits();
    if (accept('.')) digits();
    if (accept('e') || accept('E')) {
      if (!accept('+')) accept('-');
      digits();
    }
  }
  void digits() {
    const auto start = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    if (at_ == start) fail("neither a value nor a digit");
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  char next() {
    if (at_ >= text_.size()) fail("it ends too early");
    return text_[at_++];
  }
  bool accept(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(std::string("expected '") + c + "'");
  }
  void word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) fail("not a word of JSON");
    at_ += expected.size();
  }
  void skip_space() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
      ++at_;
    }
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw std::invalid_argument("not JSON: " + what + " at byte " + std::to_string(at_) +
                                " of: " + std::string(text_.substr(0, 200)));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

inline Json Json::parse(std::string_view text) { return Reader(text).document(); }

}  // namespace unity::testkit
