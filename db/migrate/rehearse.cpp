#include "migrate/rehearse.hpp"

#include <fmt/format.h>

#include "migrate/upgrade.hpp"
#include "registry.hpp"

namespace unity::db {
namespace {

using States = std::vector<MigrationState>;

// In a session of its own, as a host would.
template <class Act>
auto in_schema(const Scratch& scratch, Act act) -> decltype(act(std::declval<SchemaSession&>())) {
  auto session = open_schema(scratch.config());
  if (!session) return std::move(session).error();
  return act(**session);
}

Error differs(const Scratch& scratch, std::string_view when,
              const std::vector<schema::Drift>& drifts) {
  return {Errc::internal, fmt::format("{} in the scratch {}: {}, and {} more", when, scratch.name(),
                                      schema::to_text(drifts.front()), drifts.size() - 1)};
}

}  // namespace

Result<Rehearsal> rehearse(Scratch scratch, Migrations migrations, std::string_view app_version) {
  Rehearsal rehearsal;
  rehearsal.place = scratch.name();
  const auto head = static_cast<int>(migrations.size());
  const auto to = [&](int target) { return UpgradeOptions{target, app_version, true}; };
  const auto check = [&](SchemaSession& session) { return find_drift(session, migrations); };

  auto applied = in_schema(
      scratch, [&](SchemaSession& session) { return upgrade(session, migrations, to(head)); });
  if (!applied) return std::move(applied).error();
  rehearsal.applied = std::move(*applied);
  auto drifts = in_schema(scratch, check);
  if (!drifts) return std::move(drifts).error();
  if (!drifts->empty()) return differs(scratch, "after the upgrade", *drifts);

  auto taken_back = in_schema(
      scratch, [&](SchemaSession& session) { return downgrade(session, migrations, to(0)); });
  if (!taken_back) return std::move(taken_back).error();
  rehearsal.taken_back = std::move(*taken_back);
  drifts = in_schema(scratch, check);
  if (!drifts) return std::move(drifts).error();
  if (!drifts->empty()) return differs(scratch, "after the downgrade", *drifts);

  if (auto dropped = scratch.drop(); !dropped) return std::move(dropped).error();
  return rehearsal;
}

}  // namespace unity::db
