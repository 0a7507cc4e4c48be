#include "migrate/applied_by.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace unity::db {

std::string applied_by() {
  char host[65] = {};
  gethostname(host, sizeof host - 1);
  return fmt::format("uid {} on {}, pid {}", getuid(), host, getpid());
}

}  // namespace unity::db
