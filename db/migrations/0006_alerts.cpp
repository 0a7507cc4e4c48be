#include "migrations/0006_alerts.hpp"

namespace unity::db {
namespace {

constexpr std::string_view kSeverities = "severity IN ('low', 'medium', 'high', 'critical')";

constexpr Column kRuleColumns[] = {
    {"id", Type::uuid},
    nullable(str("plugin_id", 100)),
    str("name", 200),
    nullable({"description", Type::text}),
    nullable(str("metric_type", 200)),
    nullable({"threshold", Type::f64}),
    {"condition", Type::json},
    str("severity", 20),
    nullable({"channels", Type::json}),
    with_default({"enabled", Type::boolean}, "1"),
    {"created_at", Type::time},
    {"updated_at", Type::time},
    with_default({"row_version", Type::i32}, "1"),
};
constexpr Unique kRuleUniques[] = {{"uq_alert_rules_name", "name"}};
constexpr ForeignKey kRuleKeys[] = {
    {"fk_alert_rules_plugin_id", "plugin_id", "plugins", "plugin_id", "SET NULL"}};
constexpr Check kRuleChecks[] = {{"ck_alert_rules_severity", kSeverities}};

// No foreign key: what happened stays when its rule is deleted.
constexpr Column kHistoryColumns[] = {
    {"alert_id", Type::uuid},        {"time", Type::time},
    {"event_seq", Type::i64},        {"triggered", Type::boolean},
    nullable({"value", Type::json}), nullable({"message", Type::text}),
};

// open_key is dedupe_key while the incident is open, else NULL: so there is one open incident of a
// kind at a time, in databases without partial indexes as well.
constexpr Column kIncidentColumns[] = {
    {"id", Type::uuid},
    str("title", 300),
    nullable({"description", Type::text}),
    str("severity", 20),
    with_default(str("status", 20), "'open'"),
    str("source", 100),
    str("dedupe_key", 200),
    nullable(str("open_key", 200)),
    nullable({"metadata", Type::json}),
    {"created_at", Type::time},
    {"updated_at", Type::time},
    nullable({"resolved_at", Type::time}),
    nullable({"closed_at", Type::time}),
    with_default({"row_version", Type::i32}, "1"),
};
constexpr Unique kIncidentUniques[] = {{"uq_incidents_open_key", "open_key"}};
constexpr Check kIncidentChecks[] = {
    {"ck_incidents_status", "status IN ('open', 'investigating', 'resolved', 'closed')"},
    {"ck_incidents_severity", kSeverities},
};

constexpr Column kNotificationColumns[] = {
    {"id", Type::uuid},
    {"incident_id", Type::uuid},
    nullable({"alert_id", Type::uuid}),
    str("channel", 50),
    str("idempotency_key", 100),
    with_default(str("status", 20), "'pending'"),
    with_default({"attempts", Type::i32}, "0"),
    nullable({"next_attempt_at", Type::time}),
    nullable({"last_error", Type::text}),
    nullable({"sent_at", Type::time}),
    {"created_at", Type::time},
};
constexpr Unique kNotificationUniques[] = {
    {"uq_alert_notifications_idempotency_key", "idempotency_key"}};
constexpr ForeignKey kNotificationKeys[] = {
    {"fk_alert_notifications_incident_id", "incident_id", "incidents", "id", "CASCADE"}};

constexpr ViewBody kAlerts[] = {
    {std::nullopt,
     R"(SELECT "id", "plugin_id", "name", "description", "condition", "severity", "enabled",
       "created_at", "updated_at"
FROM "alert_rules")"}};

constexpr Op kOps[] = {
    CreateTable{.name = "alert_rules",
                .columns = kRuleColumns,
                .primary_key = "id",
                .uniques = kRuleUniques,
                .foreign_keys = kRuleKeys,
                .checks = kRuleChecks},
    CreateTable{.name = "alert_history",
                .columns = kHistoryColumns,
                .primary_key = "alert_id, time, event_seq",
                .partition_by = "time",
                .segment_by = "alert_id"},
    CreateTable{.name = "incidents",
                .columns = kIncidentColumns,
                .primary_key = "id",
                .uniques = kIncidentUniques,
                .checks = kIncidentChecks},
    CreateIndex{"ix_incidents_source", "incidents", "source, created_at"},
    CreateIndex{"ix_incidents_created", "incidents", "created_at, id"},
    CreateTable{.name = "alert_notifications",
                .columns = kNotificationColumns,
                .primary_key = "id",
                .uniques = kNotificationUniques,
                .foreign_keys = kNotificationKeys},
    CreateIndex{"ix_alert_notifications_due", "alert_notifications", "status, next_attempt_at"},
    CreateView{"alerts", kAlerts},
};

}  // namespace

std::span<const Op> alerts_ops() { return kOps; }

}  // namespace unity::db
