// Small questions about text that somebody else wrote.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace unity::host {

// Where the first byte stands that is not UTF-8, or is a control character other than tab and
// line break.
std::optional<std::size_t> find_bad_byte(std::string_view text);

// Control characters become '?': what is printed must not steer the terminal.
std::string printable(std::string_view text);

// ASCII letters only.
std::string lower_case(std::string_view text);

// Letters, digits, '_', '.', '-'; 1 to 100 of them: what may be the name of a thing.
bool is_name(std::string_view text);

}  // namespace unity::host
