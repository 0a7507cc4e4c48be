// Retention where TimescaleDB cuts the tables by time: whole chunks are dropped, by our own job and
// in its order (floor, rollups, drop), which a policy of the server's would not keep.
#pragma once

#include "postgres/retention.hpp"
#include "postgres/timescale.hpp"

namespace unity::db::postgres {

// What is no hypertable is left to the base class.
class HypertableRetention final : public PostgresRetention {
 public:
  HypertableRetention(Connection& connection, Hypertables hypertables)
      : PostgresRetention(connection), hypertables_(std::move(hypertables)) {}

  Result<std::optional<Time>> floor_for_size(const AgingTable& table, std::uint64_t bytes_max,
                                             Time today) override;
  Result<Forgotten> forget(const AgingTable& table, Time floor) override;

 private:
  struct Chunk {
    Time first{};
    Time end{};
    std::int64_t bytes = 0;
  };

  // In order of time.
  Result<std::vector<Chunk>> chunks(const std::string& table);
  // drop_chunks says nothing when it drops none, as a chunk that is frozen.
  Result<bool> is_gone(const std::string& table, const Chunk& chunk);
  // Of a chunk, how many rows go and whether any stay.
  struct Census {
    std::int64_t going = 0;
    bool stays = false;
  };
  Result<Census> count(const AgingTable& table, const Chunk& chunk);

  Hypertables hypertables_;
};

}  // namespace unity::db::postgres
