// Steps through JSON text in one pass, token after token. It takes what is written in the ordinary
// way; where it says false, whether the text is wrong or just unusual is for the strict reader to
// find out. Private to core/src/json.
#pragma once

#include <string>
#include <string_view>

#include "unity/core/base/bytes.hpp"
#include "unity/core/base/name.hpp"
#include "unity/core/model/record.hpp"

namespace unity::json {

class Scanner {
 public:
  // A zero byte must stand behind `text`, as behind that of a std::string. In text of lines, a
  // record ends with its line.
  Scanner(std::string_view text, bool of_lines)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), of_lines_(of_lines) {}

  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }
  void move_to(std::size_t offset) { at_ = begin_ + offset; }
  bool at_end() const { return at_ == end_; }
  bool at_newline() const { return *at_ == '\n'; }

  void skip_blanks() {
    while (*at_ == ' ' || *at_ == '\t' || *at_ == '\r' || (*at_ == '\n' && !of_lines_)) ++at_;
  }
  bool take(char token) {
    if (*at_ != token) return false;
    ++at_;
    return true;
  }
  // As `token`, with blanks before and after it.
  bool take_spaced(char token) {
    skip_blanks();
    if (!take(token)) return false;
    skip_blanks();
    return true;
  }

  // `text` is good until the next one. False at what is no text, or has an escaped surrogate.
  bool take_text(std::string_view& text);
  // Takes a text that is written with exactly these characters; if there is another, it stays.
  bool take_known_text(const std::string& known) {
    const auto size = known.size();
    if (*at_ != '"' || static_cast<std::size_t>(end_ - at_) < size + 2 || at_[size + 1] != '"' ||
        !same_bytes(at_ + 1, known.data(), size)) {
      return false;
    }
    at_ += size + 2;
    return true;
  }
  // The text that was taken last was written with its own characters, without escapes.
  bool text_was_plain() const { return plain_; }

  // A number, text, boolean or null. A text is put into the memory of the one that `value` holds.
  bool take_value(FieldValue& value);
  // A whole number as it is written; false if there is none of that size.
  bool take_whole(std::int64_t& number);

 private:
  bool take_escaped_text(std::string_view& text);
  bool take_escape();
  bool take_word(std::string_view word);
  bool take_number(FieldValue& value);
  bool take_unusual_number(const char* from, FieldValue& value);
  const char* skip_plain() const;
  int take_digits(std::uint64_t& number);

  const char* begin_;
  const char* at_;
  const char* end_;
  bool of_lines_;
  bool plain_ = true;
  std::string unescaped_;
};

}  // namespace unity::json
