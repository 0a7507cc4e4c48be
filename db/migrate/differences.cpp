#include "migrate/differences.hpp"

#include "datasets/check.hpp"

namespace unity::db {

std::vector<schema::Drift> Differences::all() const {
  auto drifts = of_schema;
  drifts.insert(drifts.end(), of_datasets.begin(), of_datasets.end());
  return drifts;
}

Result<Differences> find_differences(SchemaSession& session, const schema::Schema& wanted) {
  auto expected = session.expect(wanted);
  if (!expected) return std::move(expected).error();
  auto found = session.inspect();
  if (!found) return std::move(found).error();
  auto findings = check_datasets(session, *found);
  if (!findings) return std::move(findings).error();
  if (auto left = leave_out_datasets(session, *found); !left) return std::move(left).error();
  Differences differences{std::move(*found), {}, {}};
  differences.of_schema = schema::compare(*expected, differences.found);
  for (auto& finding : *findings) differences.of_datasets.push_back(std::move(finding.drift));
  return differences;
}

}  // namespace unity::db
