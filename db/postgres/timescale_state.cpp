#include "postgres/timescale_state.hpp"

#include "postgres/timescale.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::string_view kReadingState = "read the state of TimescaleDB in";

constexpr const char* kHypertableStates =
    "SELECT h.hypertable_name::text, h.num_chunks::bigint, "
    "(SELECT count(*) FROM timescaledb_information.chunks c WHERE c.hypertable_schema = "
    "h.hypertable_schema AND c.hypertable_name = h.hypertable_name AND c.is_compressed), "
    "coalesce(hypertable_size(r.oid), 0), coalesce(s.before, 0)::bigint, "
    "coalesce(s.after, 0)::bigint, extract(epoch FROM (SELECT "
    "(j.config ->> 'compress_after')::interval FROM timescaledb_information.jobs j "
    "WHERE j.hypertable_schema = h.hypertable_schema AND j.hypertable_name = h.hypertable_name "
    "AND j.proc_name IN ('policy_compression', 'policy_columnstore')))::bigint "
    "FROM timescaledb_information.hypertables h "
    "CROSS JOIN LATERAL (SELECT format('%I.%I', h.hypertable_schema, h.hypertable_name)::regclass "
    "AS oid) r LEFT JOIN LATERAL (SELECT before_compression_total_bytes AS before, "
    "after_compression_total_bytes AS after FROM hypertable_compression_stats(r.oid)) s ON TRUE "
    "WHERE h.hypertable_schema = current_schema() ORDER BY 1";
constexpr const char* kTimescaleJobs =
    "SELECT j.job_id::bigint, j.proc_name::text, coalesce(j.hypertable_name, '')::text, "
    "coalesce(s.last_run_status, ''), nullif(s.last_successful_finish, '-infinity'), "
    "nullif(nullif(s.next_start, '-infinity'), 'infinity'), coalesce(s.total_runs, 0), "
    "coalesce(s.total_failures, 0) FROM timescaledb_information.jobs j "
    "LEFT JOIN timescaledb_information.job_stats s USING (job_id) "
    "WHERE j.job_id >= 1000 AND j.hypertable_schema = current_schema() ORDER BY 1";

Result<std::vector<HypertableState>> read_hypertables(Connection& connection) {
  auto rows = connection.query(kHypertableStates, Parameters(), kReadingState);
  if (!rows) return std::move(rows).error();
  std::vector<HypertableState> found;
  for (int i = 0; i < rows->size(); ++i) {
    HypertableState one;
    one.name = rows->bytes(i, 0);
    one.chunks = rows->integer(i, 1);
    one.compressed_chunks = rows->integer(i, 2);
    one.bytes = rows->integer(i, 3);
    one.bytes_uncompressed = rows->integer(i, 4);
    one.bytes_compressed = rows->integer(i, 5);
    if (!rows->is_null(i, 6)) one.compress_after = std::chrono::seconds(rows->integer(i, 6));
    found.push_back(std::move(one));
  }
  return found;
}

Result<std::vector<TimescaleJobState>> read_timescale_jobs(Connection& connection) {
  auto rows = connection.query(kTimescaleJobs, Parameters(), kReadingState);
  if (!rows) return std::move(rows).error();
  const auto time_at = [&rows](int row, int column) {
    return rows->is_null(row, column) ? std::nullopt : std::optional(rows->time(row, column));
  };
  std::vector<TimescaleJobState> found;
  for (int i = 0; i < rows->size(); ++i) {
    TimescaleJobState one;
    one.id = rows->integer(i, 0);
    one.what = rows->bytes(i, 1);
    one.hypertable = rows->bytes(i, 2);
    one.last_status = rows->bytes(i, 3);
    one.last_success = time_at(i, 4);
    one.next_start = time_at(i, 5);
    one.total_runs = rows->integer(i, 6);
    one.total_failures = rows->integer(i, 7);
    found.push_back(std::move(one));
  }
  return found;
}

}  // namespace

Result<std::optional<TimescaleState>> timescale_state(const ServerConfig& config) {
  auto connection = Connection::open(config);
  if (!connection) return std::move(connection).error();
  auto found = look_for_timescale(*connection);
  if (!found) return std::move(found).error();
  TimescaleState state;
  state.remarks = remarks_on(*found, config.timeseries, connection->place());
  if (found->installed.empty() && state.remarks.empty()) return std::optional<TimescaleState>();
  state.installed = found->installed;
  state.available = found->available;
  state.license = found->license;
  state.used = !found->hypertables.empty();
  if (state.used) {
    auto hypertables = read_hypertables(*connection);
    if (!hypertables) return std::move(hypertables).error();
    state.hypertables = std::move(*hypertables);
    auto jobs = read_timescale_jobs(*connection);
    if (!jobs) return std::move(jobs).error();
    state.jobs = std::move(*jobs);
  }
  return std::optional(std::move(state));
}

}  // namespace unity::db::postgres
