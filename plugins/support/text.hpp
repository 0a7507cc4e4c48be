// Takes the kernel's text files apart, without copies: lines, fields, numbers.
#pragma once

#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace unity::plugins {

// A file that cannot be read or makes no sense. The message names the file and the line.
class ReadError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What a file says, and its name for the error messages.
struct Text {
  std::string_view path;
  std::string_view body;
};

// The words of a line, which blanks divide.
class Fields {
 public:
  explicit Fields(std::string_view line) : rest_(line) {}

  // The next word; empty at the end.
  std::string_view next() {
    std::size_t start = 0;
    while (start < rest_.size() && is_blank(rest_[start])) ++start;
    std::size_t end = start;
    while (end < rest_.size() && !is_blank(rest_[end])) ++end;
    const auto word = rest_.substr(start, end - start);
    rest_.remove_prefix(end);
    return word;
  }
  void skip(int count) {
    while (count-- > 0) next();
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

  std::string_view rest_;
};

// False unless the whole word is a number that fits.
template <class Number>
bool parse_number(std::string_view word, Number& out) {
  const char* end = word.data() + word.size();
  const auto result = std::from_chars(word.data(), end, out);
  return result.ec == std::errc() && result.ptr == end && !word.empty();
}

// Walks the lines of a text.
class Lines {
 public:
  explicit Lines(const Text& text) : path_(text.path), rest_(text.body) {}

  // Moves on to the next line that is not empty; false at the end.
  bool next();
  std::string_view line() const { return line_; }

  // The next word of the line as a number; else the line is malformed.
  template <class Number = std::uint64_t>
  Number number(Fields& fields, std::string_view wanted) const {
    Number value{};
    if (!parse_number(fields.next(), value)) malformed(wanted);
    return value;
  }

  // Throws: `wanted` cannot be had from this line.
  [[noreturn]] void malformed(std::string_view wanted) const;

 private:
  std::string_view path_;
  std::string_view rest_;
  std::string_view line_;
  std::size_t number_ = 0;
};

// Throws: `wanted` is not in the text at all.
[[noreturn]] void missing(std::string_view wanted, std::string_view path);

// Names come from anywhere and JSON takes UTF-8 only: other bytes become U+FFFD. Returns `text`
// itself if it is fine, else a view of `scratch`.
std::string_view to_utf8(std::string_view text, std::string& scratch);

}  // namespace unity::plugins
