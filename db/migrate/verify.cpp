#include "migrate/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "migrate/differences.hpp"
#include "migrate/script.hpp"

namespace unity::db {
namespace {

// Finds the migration that an object owes its present shape to: the last that had to do with it.
class Owners {
 public:
  Owners(Migrations migrations, int seq_last, Dialect dialect) {
    for (int seq = 1; seq <= seq_last; ++seq) {
      for (const auto& step : upgrade_steps(migrations, seq, dialect)) {
        const auto subject = schema::subject_of(step.change);
        if (is_dropped(step.change)) {
          owners_.erase(subject);
        } else {
          owners_[subject] = seq;
        }
      }
    }
  }

  const std::map<std::string, int>& all() const { return owners_; }
  // The object that a difference is about; empty if no migration made it.
  std::string subject_of(const schema::Drift& drift) const {
    for (const auto& name : {drift.part, "table " + drift.table, "view " + drift.table}) {
      if (owners_.contains(name)) return name;
    }
    return {};
  }

 private:
  static bool is_dropped(const schema::Change& change) {
    return std::visit([](const auto& one) { return !one.after.has_value(); }, change);
  }
  std::map<std::string, int> owners_;
};

// What asks a view for nothing, so that only whether it can answer is found out.
std::string probe(Dialect dialect, std::string_view view) {
  return fmt::format("{} EXISTS (SELECT * FROM {} LIMIT 0)",
                     dialect == Dialect::mariadb ? "DO" : "SELECT", view);
}

class Verification {
 public:
  Verification(SchemaSession& session, Migrations migrations, const History& history)
      : session_(session),
        migrations_(migrations),
        history_(history),
        last_(last_done(migrations, history)),
        owners_(migrations, last_, session.dialect()) {}

  Result<SchemaVerification> run() {
    list_history();
    list_objects();
    const auto schema = schema_at(migrations_, last_, session_.dialect());
    const auto differences = find_differences(session_, schema);
    if (!differences) return differences.error();
    for (const auto& drift : differences->all()) {
      note(owners_.subject_of(drift), schema::to_text(drift));
    }
    for (const auto& view : schema.views) {
      if (!differences->found.views.contains(view.name)) continue;
      const auto answered = session_.execute(probe(session_.dialect(), view.name), "ask");
      if (answered) continue;
      if (answered.error().code == Errc::unavailable) return answered.error();
      note("view " + view.name, "it does not answer: " + answered.error().message);
    }
    return std::move(result_);
  }

 private:
  static int last_done(Migrations migrations, const History& history) {
    int last = 0;
    for (const auto& row : history.applied) {
      if (row.progress == MigrationProgress::done) last = std::max(last, row.seq);
    }
    return std::min(last, static_cast<int>(migrations.size()));
  }

  void list_history() {
    const auto state = describe_schema(migrations_, session_.dialect(), history_);
    for (const auto& one : state.migrations) {
      if (one.state != "pending") {
        result_.migrations.push_back({one.seq, one.name, one.state, {}});
      } else if (one.seq <= last_) {
        result_.migrations.push_back({one.seq, one.name, "not recorded", {}});
      }
    }
    std::sort(result_.migrations.begin(), result_.migrations.end(),
              [](const auto& a, const auto& b) { return a.seq < b.seq; });
  }

  void list_objects() {
    for (const auto& [subject, seq] : owners_.all()) {
      for (auto& migration : result_.migrations) {
        if (migration.seq == seq) migration.objects.push_back({subject, {}});
      }
    }
  }

  void note(const std::string& subject, std::string text) {
    for (auto& migration : result_.migrations) {
      for (auto& object : migration.objects) {
        if (object.name != subject) continue;
        object.findings.push_back(std::move(text));
        return;
      }
    }
    result_.others.push_back(std::move(text));
  }

  SchemaSession& session_;
  Migrations migrations_;
  const History& history_;
  const int last_;
  const Owners owners_;
  SchemaVerification result_;
};

}  // namespace

Result<SchemaVerification> verify(SchemaSession& session, Migrations migrations) {
  auto history = session.history();
  if (!history) return std::move(history).error();
  if (history->owner == History::Owner::others) return belongs_to_others(session.place());
  if (history->owner == History::Owner::nobody) return SchemaVerification();
  return Verification(session, migrations, *history).run();
}

}  // namespace unity::db
