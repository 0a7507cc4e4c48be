// Names for the places in a plugin's code, from the symbols of its image.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace unity::host {

// The function that `offset` (from where the image is loaded) lies in, as the linker spells it;
// nothing if the image was stripped. Every offset in the image is treated as hostile.
std::optional<std::string> find_symbol(std::string_view image, std::uint64_t offset);

}  // namespace unity::host
