#include "migrate/columns.hpp"

#include <algorithm>
#include <cassert>

namespace unity::db {

std::string_view body_for(const CreateView& view, Dialect dialect) {
  const auto body_of = [&view](std::optional<Dialect> whose) {
    return std::find_if(view.bodies.begin(), view.bodies.end(),
                        [whose](const ViewBody& one) { return one.dialect == whose; });
  };
  auto body = body_of(base_of(dialect));
  if (body == view.bodies.end()) body = body_of(std::nullopt);
  assert(body != view.bodies.end());
  return body->select;
}

bool has_own_body(const CreateView& view, Dialect dialect) {
  return std::any_of(view.bodies.begin(), view.bodies.end(),
                     [dialect](const ViewBody& one) { return one.dialect == base_of(dialect); });
}

std::vector<std::string_view> split_columns(std::string_view columns) {
  std::vector<std::string_view> names;
  while (!columns.empty()) {
    const auto end = std::min(columns.find(", "), columns.size());
    names.push_back(columns.substr(0, end));
    columns.remove_prefix(std::min(end + 2, columns.size()));
  }
  return names;
}

}  // namespace unity::db
