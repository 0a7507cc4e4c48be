// Text that comes from outside, made fit to be kept.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace unity {

// The length of the UTF-8 sequence at the start of `text`, which is not empty; 0 if it is no valid
// one.
std::size_t utf8_length(std::string_view text);

bool is_utf8(std::string_view text);

// How many characters valid UTF-8 has.
std::size_t character_count(std::string_view text);

// The first `characters` of `text` as valid UTF-8 without NUL: '?' stands for each byte that is
// not.
std::string fit_text(std::string_view text, std::size_t characters);

// The same with each control character a blank: it must not look like a line of our own, nor steer
// a terminal.
std::string one_line(std::string_view text, std::size_t characters);

}  // namespace unity
