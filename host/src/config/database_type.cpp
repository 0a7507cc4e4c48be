#include "config/database_type.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "config/server_url.hpp"
#include "unity/core/base/suggest.hpp"

namespace unity::host {
namespace {

// An adapter that keeps nothing: for tests only.
constexpr std::string_view kVolatile = "memory";

Error invalid(std::string message) { return {Errc::invalid, std::move(message)}; }

}  // namespace

std::string_view database_type_of(std::string_view name) {
  if (name == "postgres") return "postgresql";
  return name == "mysql" ? "mariadb" : name;
}

Result<void> check_database_type(std::string_view type) {
  auto names = db::database_types();
  std::erase(names, kVolatile);
  if (std::find(names.begin(), names.end(), type) != names.end()) return {};
  const auto near = nearest(type, names);
  return invalid(fmt::format("unknown database type '{}'; {}", type,
                             near ? fmt::format("did you mean {}?", *near)
                                  : fmt::format("the types are {}", fmt::join(names, ", "))));
}

Result<db::DatabaseConfig> parse_database_url(std::string_view url) {
  constexpr std::string_view kSeparator = "://";
  const auto scheme_end = url.find(kSeparator);
  if (scheme_end == url.npos) {
    return invalid("not a database URL; write one such as sqlite:///unity.db");
  }
  const auto scheme = url.substr(0, scheme_end);
  const auto type = database_type_of(scheme.substr(0, scheme.find('+')));
  if (auto known = check_database_type(type); !known) return known.error();

  const auto rest = url.substr(scheme_end + kSeparator.size());
  if (type != "sqlite") return parse_server_url(type, rest);
  if (rest.find_first_of("?#") != rest.npos) {
    return invalid("options after ? are not supported in a sqlite URL");
  }
  if (!rest.starts_with('/')) {
    return invalid(
        "a sqlite URL has no host: three slashes and a relative path, or four and a full "
        "path");
  }
  const auto path = rest.substr(1);
  if (path.empty() || path == ":memory:") {
    return invalid("a database in memory would be lost at every stop; name a file");
  }
  return db::DatabaseConfig{std::string(type), std::filesystem::path(path), {}};
}

}  // namespace unity::host
