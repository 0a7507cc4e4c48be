#include "migrate/scratch.hpp"

#include <fmt/format.h>

#include <random>

namespace unity::db {

std::string make_scratch_name(std::string_view prefix) {
  return fmt::format("{}_test_{:08x}", prefix, std::random_device()());
}

}  // namespace unity::db
