// Reading of an ELF image whose every offset may be hostile.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace unity::host {

// Copies a struct out of the image if it lies wholly inside.
template <class Struct>
std::optional<Struct> read_at(std::string_view image, std::uint64_t offset) {
  if (offset > image.size() || image.size() - offset < sizeof(Struct)) return std::nullopt;
  Struct out;
  std::memcpy(&out, image.data() + offset, sizeof out);
  return out;
}

inline std::optional<std::string_view> slice(std::string_view image, std::uint64_t offset,
                                             std::uint64_t size) {
  if (offset > image.size() || image.size() - offset < size) return std::nullopt;
  return image.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
}

}  // namespace unity::host
