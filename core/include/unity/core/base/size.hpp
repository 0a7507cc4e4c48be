// Amounts of bytes as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace unity {

// "4GB", "512 MiB", "1.5 GiB", or a bare number of bytes. GB and the like are powers of 1000, GiB
// and the like of 1024.
std::optional<std::uint64_t> parse_size(std::string_view text);
// The shortest of the above that is exact: "4GB", "512MiB", "1000001B".
std::string size_text(std::uint64_t bytes);

}  // namespace unity
