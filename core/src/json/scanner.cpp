#include "scanner.hpp"

#include <array>
#include <bit>

#include "number.hpp"
#include "unity/core/base/text.hpp"

namespace unity::json {
namespace {

static_assert(std::endian::native == std::endian::little, "words are read byte by byte");

// Eight bytes at once: every byte of a word has this value.
constexpr std::uint64_t all(unsigned char byte) { return 0x0101'0101'0101'0101ULL * byte; }
constexpr std::uint64_t kTop = all(0x80);

// Marks, by its top bit, the first byte that is special or not ASCII: of ASCII bytes, only those
// that a subtraction takes below zero get that bit. What is marked after the first means nothing.
constexpr std::uint64_t marked(std::uint64_t word) {
  return (((word ^ all('"')) - all(1)) | ((word ^ all('\\')) - all(1)) | (word - all(0x20)) |
          word) &
         kTop;
}
constexpr std::size_t bytes_before(std::uint64_t marks) {
  return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
}

// A quote, a backslash or a control character: none of them stands for itself in a text.
bool is_special(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The number that eight digits make, the first one in the lowest byte, all reduced by '0'.
constexpr std::uint64_t from_digits(std::uint64_t digits) {
  const std::uint64_t pairs = digits * 10 + (digits >> 8);  // in every other byte
  constexpr std::uint64_t mask = 0x0000'00ff'0000'00ff;
  return ((pairs & mask) * (100 + (1'000'000ULL << 32)) +
          ((pairs >> 16) & mask) * (1 + (10'000ULL << 32))) >>
         32;
}
static_assert(from_digits(0x0807'0605'0403'0201) == 12'345'678);

constexpr std::array<std::uint64_t, 9> kTens{1,       10,        100,        1'000,      10'000,
                                             100'000, 1'000'000, 10'000'000, 100'000'000};
// Powers of ten that a double holds exactly.
constexpr std::array<double, 23> kExactTens{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                            1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                            1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::uint64_t kExactWhole = std::uint64_t{1} << 53;  // as are all up to this
constexpr std::ptrdiff_t kNumberSizeMax = 300;                 // to be read here
constexpr int kDigitsMax = 18;                                 // fit 64 bits, whatever they are

void append_utf8(std::string& out, unsigned code) {
  const auto put = [&](unsigned byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
  }
  put(0x80 | (code & 0x3f));
}

}  // namespace

// The first byte that is special or not ASCII.
inline const char* Scanner::skip_plain() const {
  const char* at = at_;
  for (; end_ - at >= 8; at += 8) {
    const auto marks = marked(load<std::uint64_t>(at));
    if (marks != 0) return at + bytes_before(marks);
  }
  while (!is_special(*at) && is_ascii(*at)) ++at;  // ends at the zero byte
  return at;
}

bool Scanner::take_text(std::string_view& text) {
  if (!take('"')) return false;
  const char* from = at_;
  plain_ = true;
  for (at_ = skip_plain(); !is_ascii(*at_); at_ = skip_plain()) {
    const auto length = utf8_length({at_, static_cast<std::size_t>(end_ - at_)});
    if (length == 0) return false;
    at_ += length;
  }
  if (*at_ == '\\') {
    at_ = from;
    return take_escaped_text(text);
  }
  text = {from, static_cast<std::size_t>(at_ - from)};
  return take('"');
}

bool Scanner::take_escaped_text(std::string_view& text) {
  plain_ = false;
  unescaped_.clear();
  while (*at_ != '"') {
    const char* from = at_;
    if (*at_ == '\\') {
      ++at_;
      if (!take_escape()) return false;
      continue;
    }
    if (is_special(*at_)) return false;
    if (is_ascii(*at_)) {
      at_ = skip_plain();
    } else {
      const auto length = utf8_length({at_, static_cast<std::size_t>(end_ - at_)});
      if (length == 0) return false;
      at_ += length;
    }
    unescaped_.append(from, at_);
  }
  text = unescaped_;
  ++at_;
  return true;
}

// What follows a backslash.
bool Scanner::take_escape() {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
  if (!take('u')) {
    const auto place = kLetters.find(*at_);
    if (place == kLetters.npos) return false;
    unescaped_ += kMeant[place];
    ++at_;
    return true;
  }
  unsigned code = 0;
  if (end_ - at_ < 4) return false;
  const auto [stop, error] = std::from_chars(at_, at_ + 4, code, 16);
  if (error != std::errc() || stop != at_ + 4 || (code & 0xf800) == 0xd800) return false;
  at_ += 4;
  append_utf8(unescaped_, code);
  return true;
}

bool Scanner::take_word(std::string_view word) {
  if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

// How many there are; what they make is right for the first 18.
inline int Scanner::take_digits(std::uint64_t& number) {
  const char* from = at_;
  while (end_ - at_ >= 8) {
    const auto digits = load<std::uint64_t>(at_) ^ all('0');
    const auto others = (((digits & ~kTop) + all(0x80 - 10)) | digits) & kTop;
    const auto count = others == 0 ? 8 : bytes_before(others);
    if (count == 0) break;
    number = number * kTens[count] + from_digits(digits << (64 - 8 * count));
    at_ += count;
    if (count < 8) return static_cast<int>(at_ - from);
  }
  for (; is_digit(*at_); ++at_) number = number * 10 + static_cast<unsigned>(*at_ - '0');
  return static_cast<int>(at_ - from);
}

inline bool Scanner::take_number(FieldValue& value) {
  const char* from = at_;
  const bool minus = take('-');
  const bool zero = *at_ == '0';
  std::uint64_t number = 0;
  const int digits = take_digits(number);
  if (digits == 0 || (zero && digits > 1)) return false;
  if (*at_ != '.' && (*at_ | 0x20) != 'e') {
    if (digits > kDigitsMax) return take_unusual_number(from, value);
    const auto whole = static_cast<std::int64_t>(number);
    value = minus ? -whole : whole;
    return true;
  }
  if (!take('.')) return take_unusual_number(from, value);
  const int decimals = take_digits(number);
  if (decimals == 0) return false;
  // One division of two exact numbers is rounded once, and hence right.
  if (digits + decimals > kDigitsMax || number > kExactWhole || (*at_ | 0x20) == 'e') {
    return take_unusual_number(from, value);
  }
  const double real = static_cast<double>(number) / kExactTens[static_cast<std::size_t>(decimals)];
  value = minus ? -real : real;
  return true;
}

bool Scanner::take_value(FieldValue& value) {
  switch (*at_) {
    case '"': {
      std::string_view text;
      if (!take_text(text)) return false;
      if (auto* held = std::get_if<std::string>(&value)) {
        held->assign(text);
      } else {
        value.emplace<std::string>(text);
      }
      return true;
    }
    case 't':
      value = true;
      return take_word("true");
    case 'f':
      value = false;
      return take_word("false");
    case 'n':
      value = std::monostate();
      return take_word("null");
    default:
      return take_number(value);
  }
}

// Large, with many digits or with an exponent; before it, digits have been found in good order.
bool Scanner::take_unusual_number(const char* from, FieldValue& value) {
  if ((*at_ | 0x20) == 'e') {
    ++at_;
    if (!take('-')) take('+');
    std::uint64_t ignored = 0;
    const int digits = take_digits(ignored);
    if (digits == 0 || digits > 2) return false;
  }
  // The strict reader takes some of those for too large, whatever they come to.
  if (at_ - from > kNumberSizeMax) return false;
  return read_number({from, static_cast<std::size_t>(at_ - from)}, [&](auto number) {
    value = number;
    return true;
  });
}

bool Scanner::take_whole(std::int64_t& number) {
  FieldValue value;
  if (!take_number(value)) return false;
  const auto* whole = std::get_if<std::int64_t>(&value);
  if (whole != nullptr) number = *whole;
  return whole != nullptr;
}

}  // namespace unity::json
