#include "check/hostile/text.hpp"

#include "unity/core/json/value.hpp"

namespace unity::check {

bool is_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t more = lead < 0x80                   ? 0
                             : lead >= 0xc2 && lead < 0xe0 ? 1
                             : lead >= 0xe0 && lead < 0xf0 ? 2
                             : lead >= 0xf0 && lead < 0xf5 ? 3
                                                           : 4;
    if (more == 4 || text.size() - at <= more) return false;
    for (std::size_t i = 1; i <= more; ++i) {
      if ((static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) return false;
    }
    at += more + 1;
  }
  return true;
}

bool is_json_object(std::string_view text) {
  const auto value = json::parse(text);
  return value && value->object() != nullptr;
}

}  // namespace unity::check
