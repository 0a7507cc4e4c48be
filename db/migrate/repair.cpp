#include "migrate/repair.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/now.hpp"
#include "migrate/applied_by.hpp"
#include "migrate/differences.hpp"
#include "migrate/steps.hpp"
#include "unity/core/base/text.hpp"

namespace unity::db {
namespace {

constexpr std::string_view kRepairing = "repair the history of";
constexpr std::string_view kRemark = "-- repaired ";
constexpr std::size_t kReasonMax = 1000;  // characters

std::string hex_of(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return hex;
}

std::string remark(const RepairOptions& options, const AppliedMigration* before) {
  const auto was = before == nullptr
                       ? std::string("it was missing")
                       : fmt::format("it was {} with checksum {}", to_text(before->progress),
                                     hex_of(before->checksum));
  return fmt::format("{}{} by {} with unity {}: {} ({})\n", kRemark, to_rfc3339(now()),
                     applied_by(), options.app_version, one_line(options.reason, kReasonMax), was);
}

// What earlier repairs said of this row: lines at its beginning.
std::string earlier_remarks(std::string_view sql) {
  std::size_t end = 0;
  while (sql.substr(end).starts_with(kRemark)) {
    end = std::min(sql.find('\n', end), sql.size() - 1) + 1;
  }
  return std::string(sql.substr(0, end));
}

// Why nothing can be said of this row; empty if it can be looked at.
std::string obstacle(Migrations migrations, const History& history, int seq) {
  const auto head = static_cast<int>(migrations.size());
  if (seq < 1 || seq > head) {
    return fmt::format("this version of unity knows the migrations 1 to {}", head);
  }
  if (history.owner == History::Owner::nobody) return "it has no history: nothing was applied yet";
  if (history.applied.empty() || history.applied.back().seq < seq) {
    return fmt::format(
        "migration {} is not applied: `unity db upgrade` applies it, and `unity db "
        "stamp` notes what is there already",
        seq);
  }
  if (history.applied.back().seq > head) {
    return fmt::format(
        "it is at {} and this version of unity knows only up to {}: use the version "
        "that made it",
        history.applied.back().seq, head);
  }
  return {};
}

Error refusal(const SchemaSession& session, int seq, std::string_view why) {
  return {Errc::refused,
          fmt::format("cannot {} {} at {}: {}", kRepairing, session.place(), seq, why)};
}

}  // namespace

Result<std::vector<MigrationState>> repair(SchemaSession& session, Migrations migrations,
                                           const RepairOptions& options) {
  if (auto begun = session.begin(kRepairing); !begun) return std::move(begun).error();
  auto history = session.history();
  if (!history) return std::move(history).error();
  if (history->owner == History::Owner::others) return belongs_to_others(session.place());
  if (const auto why = obstacle(migrations, *history, options.seq); !why.empty()) {
    return refusal(session, options.seq, why);
  }
  const auto row =
      std::find_if(history->applied.begin(), history->applied.end(),
                   [&](const AppliedMigration& one) { return one.seq == options.seq; });
  const auto* before = row == history->applied.end() ? nullptr : &*row;
  if (before != nullptr && is_recorded(migrations, session.dialect(), *before)) {
    return std::vector<MigrationState>();
  }

  const int last = history->applied.back().seq;
  const auto differences =
      find_differences(session, schema_at(migrations, last, session.dialect()));
  if (!differences) return differences.error();
  // Tables of datasets are put right by themselves, and migrations say nothing of them.
  if (const auto& drifts = differences->of_schema; !drifts.empty()) {
    std::vector<std::string> lines;
    for (const auto& drift : drifts) lines.push_back(schema::to_text(drift));
    return refusal(session, options.seq,
                   fmt::format("the database is not what the migrations up to {} make; put back "
                               "what was changed first{}\n  {}",
                               last,
                               before != nullptr && before->progress != MigrationProgress::done
                                   ? ", or let `unity db upgrade` or `downgrade` go on with it"
                                   : "",
                               fmt::join(lines, "\n  ")));
  }
  std::string remarks;
  if (before != nullptr) {
    auto sql = session.recorded_sql(options.seq);
    if (!sql) return std::move(sql).error();
    remarks = earlier_remarks(*sql);
  }
  StepRunner runner(session, migrations, options.app_version);
  auto state = runner.note(options.seq, remarks + remark(options, before),
                           before != nullptr ? std::optional(before->finished_at) : std::nullopt);
  if (!state) return std::move(state).error();
  state->state = "repaired";
  if (auto done = session.commit(kRepairing); !done) return std::move(done).error();
  return std::vector{std::move(*state)};
}

}  // namespace unity::db
