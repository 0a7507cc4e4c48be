#include "migrate/upgrade.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "datasets/check.hpp"
#include "migrate/differences.hpp"
#include "migrate/steps.hpp"
#include "migrate/writer.hpp"
#include "migrations/0010_datasets.hpp"

namespace unity::db {
namespace {

using States = std::vector<MigrationState>;

constexpr std::string_view kUpgrading = "upgrade the schema of";
constexpr std::string_view kDowngrading = "downgrade the schema of";
constexpr std::string_view kStamping = "stamp the schema of";

// The row of the last migration, if that was cut off.
const AppliedMigration* cut_off(const History& history) {
  if (history.applied.empty()) return nullptr;
  const auto& last = history.applied.back();
  return last.progress == MigrationProgress::done ? nullptr : &last;
}

Result<void> create_history(SchemaSession& session) {
  const schema::Change change =
      schema::TableChange{std::nullopt, schema::to_table(history_table())};
  for (const auto& statement : writer_for(session.dialect()).statements(change)) {
    if (auto done = session.execute(statement, "create schema_migrations in"); !done) return done;
  }
  return {};
}

Error other_way_first(SchemaSession& session, const AppliedMigration& row,
                      std::string_view command) {
  return {Errc::refused,
          fmt::format("{} migration {} ({}) of {} was cut off: run `{}` first, which finishes it",
                      row.progress == MigrationProgress::applying ? "applying" : "taking back",
                      row.seq, row.name, session.place(), command)};
}

std::vector<std::string> losses(SchemaSession& session, Migrations migrations, int from, int to) {
  std::vector<std::string> found;
  for (int seq = from; seq > to; --seq) {
    for (const auto& step : downgrade_steps(migrations, seq, session.dialect())) {
      auto loss = schema::loss_of(step.change);
      if (!loss.empty()) found.push_back(fmt::format("{} {}", seq, std::move(loss)));
    }
  }
  return found;
}

// Tables of datasets go with the registry that knows them.
Result<std::vector<schema::Change>> datasets_that_go(SchemaSession& session, Migrations migrations,
                                                     int from, int to) {
  for (int seq = from; seq > to; --seq) {
    if (migrations[static_cast<std::size_t>(seq) - 1].name == kDatasetsMigration.name) {
      return removal_of_datasets(session);
    }
  }
  return std::vector<schema::Change>();
}

Result<void> require_target(SchemaSession& session, Migrations migrations, int target,
                            std::string_view doing) {
  const auto head = static_cast<int>(migrations.size());
  if (target >= 0 && target <= head) return {};
  return Error{Errc::invalid, fmt::format("cannot {} {} to {}: the migrations are 1 to {}", doing,
                                          session.place(), target, head)};
}

}  // namespace

Result<bool> is_at_head(SchemaSession& session, Migrations migrations) {
  auto history = session.history();
  if (!history) return std::move(history).error();
  auto pending = pending_migrations(migrations, session.dialect(), *history, session.place());
  if (!pending) return std::move(pending).error();
  return pending->empty() && history->owner == History::Owner::unity;
}

Result<States> upgrade(SchemaSession& session, Migrations migrations,
                       const UpgradeOptions& options) {
  if (auto good = require_target(session, migrations, options.target, kUpgrading); !good) {
    return std::move(good).error();
  }
  if (auto begun = session.begin(kUpgrading); !begun) return std::move(begun).error();
  auto history = session.history();
  if (!history) return std::move(history).error();
  auto pending = pending_migrations(migrations, session.dialect(), *history, session.place());
  if (!pending) return std::move(pending).error();
  const auto* unfinished = cut_off(*history);
  if (unfinished != nullptr && unfinished->progress == MigrationProgress::reverting) {
    return other_way_first(session, *unfinished,
                           fmt::format("unity db downgrade {}", unfinished->seq - 1));
  }
  if (history->owner == History::Owner::nobody) {
    if (auto created = create_history(session); !created) return std::move(created).error();
  }
  States states;
  StepRunner runner(session, migrations, options.app_version);
  for (const auto& migration : *pending) {
    if (migration.seq > options.target) break;
    auto state = runner.apply(migration.seq, states.empty() ? unfinished : nullptr);
    if (!state) return std::move(state).error();
    states.push_back(std::move(*state));
  }
  if (auto committed = session.commit(kUpgrading); !committed) return std::move(committed).error();
  return states;
}

Result<States> downgrade(SchemaSession& session, Migrations migrations,
                         const UpgradeOptions& options) {
  if (auto good = require_target(session, migrations, options.target, kDowngrading); !good) {
    return std::move(good).error();
  }
  if (auto begun = session.begin(kDowngrading); !begun) return std::move(begun).error();
  auto history = session.history();
  if (!history) return std::move(history).error();
  auto pending = pending_migrations(migrations, session.dialect(), *history, session.place());
  if (!pending) return std::move(pending).error();
  const auto* unfinished = cut_off(*history);
  if (unfinished != nullptr && unfinished->progress == MigrationProgress::applying) {
    return other_way_first(session, *unfinished,
                           fmt::format("unity db upgrade {}", unfinished->seq));
  }
  const int current = history->applied.empty() ? 0 : history->applied.back().seq;
  if (current > static_cast<int>(migrations.size())) {
    return Error{Errc::refused,
                 fmt::format("cannot {} {}: it is at {} and this version of unity knows only up "
                             "to {}; use the version that made it",
                             kDowngrading, session.place(), current, migrations.size())};
  }
  const auto gone = datasets_that_go(session, migrations, current, options.target);
  if (!gone) return gone.error();
  auto lost = losses(session, migrations, current, options.target);
  for (const auto& change : *gone) {
    if (auto loss = schema::loss_of(change); !loss.empty()) lost.push_back(std::move(loss));
  }
  if (!lost.empty() && !options.allow_data_loss) {
    return Error{Errc::refused,
                 fmt::format("cannot {} {} from {} to {}: data would be lost. If you mean it, say "
                             "--allow-data-loss; make a copy first. Taking back migration\n  {}",
                             kDowngrading, session.place(), current, options.target,
                             fmt::join(lost, "\n  "))};
  }
  for (const auto& change : *gone) {
    for (const auto& statement : writer_for(session.dialect()).statements(change)) {
      if (auto done = session.execute(statement, kDowngrading); !done) {
        return std::move(done).error();
      }
    }
  }
  States states;
  StepRunner runner(session, migrations, options.app_version);
  for (int seq = current; seq > options.target; --seq) {
    auto state = runner.revert(seq, states.empty() ? unfinished : nullptr);
    if (!state) return std::move(state).error();
    states.push_back(std::move(*state));
  }
  if (auto committed = session.commit(kDowngrading); !committed) {
    return std::move(committed).error();
  }
  return states;
}

Result<States> stamp(SchemaSession& session, Migrations migrations, const UpgradeOptions& options) {
  if (auto good = require_target(session, migrations, options.target, kStamping); !good) {
    return std::move(good).error();
  }
  if (auto begun = session.begin(kStamping); !begun) return std::move(begun).error();
  auto history = session.history();
  if (!history) return std::move(history).error();
  if (history->owner != History::Owner::unity) {
    if (auto created = create_history(session); !created) return std::move(created).error();
  }
  const auto differences =
      find_differences(session, schema_at(migrations, options.target, session.dialect()));
  if (!differences) return differences.error();
  // Tables of datasets are put right by themselves, and migrations say nothing of them.
  if (const auto& drifts = differences->of_schema; !drifts.empty()) {
    std::vector<std::string> lines;
    for (const auto& drift : drifts) lines.push_back(schema::to_text(drift));
    return Error{Errc::refused,
                 fmt::format("cannot {} {} as {}: it is not what the migrations up to there make\n"
                             "  {}",
                             kStamping, session.place(), options.target, fmt::join(lines, "\n  "))};
  }
  States states;
  StepRunner runner(session, migrations, options.app_version);
  for (const auto& row : history->applied) {
    if (row.seq <= options.target) continue;
    if (auto erased = session.erase(row.seq, kStamping); !erased) return std::move(erased).error();
  }
  for (int seq = 1; seq <= options.target; ++seq) {
    auto state = runner.note(seq);
    if (!state) return std::move(state).error();
    states.push_back(std::move(*state));
  }
  if (auto committed = session.commit(kStamping); !committed) return std::move(committed).error();
  return states;
}

Result<std::vector<schema::Drift>> find_drift(SchemaSession& session, Migrations migrations) {
  auto history = session.history();
  if (!history) return std::move(history).error();
  if (history->owner == History::Owner::nobody) return std::vector<schema::Drift>();
  auto pending = pending_migrations(migrations, session.dialect(), *history, session.place());
  if (!pending) return std::move(pending).error();
  const auto current = static_cast<int>(migrations.size() - pending->size());
  const auto differences =
      find_differences(session, schema_at(migrations, current, session.dialect()));
  if (!differences) return differences.error();
  return differences->all();
}

}  // namespace unity::db
