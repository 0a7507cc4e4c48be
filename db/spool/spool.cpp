#include "spool/spool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "spool/consumer.hpp"
#include "spool/recovery.hpp"
#include "spool/shared.hpp"
#include "spool/writer.hpp"

namespace unity::db {
namespace spool {
namespace {

constexpr std::uint64_t kMaxBytesMin = std::uint64_t{16} << 10;
constexpr std::size_t kConsumersMax = 64;
constexpr std::size_t kIdMax = 100;

Result<void> check(const SpoolConfig& config) {
  if (config.max_bytes < kMaxBytesMin) {
    return Error{Errc::invalid, fmt::format("cannot bound the spool at {} bytes; at least {}",
                                            config.max_bytes, kMaxBytesMin)};
  }
  if (config.consumers.size() > kConsumersMax) {
    return Error{Errc::invalid, fmt::format("cannot spool for {} consumers; at most {}",
                                            config.consumers.size(), kConsumersMax)};
  }
  std::set<std::string> ids;
  for (const auto& [id, required] : config.consumers) {
    const bool good = !id.empty() && id.size() <= kIdMax &&
                      std::all_of(id.begin(), id.end(), [](unsigned char c) {
                        return std::isalnum(c) != 0 || c == '-' || c == '_';
                      });
    if (!good || !ids.insert(id).second) {
      return Error{
          Errc::invalid,
          fmt::format("\"{}\" cannot name a consumer of the spool: letters, digits, '-' and "
                      "'_', at most {}, each name once",
                      id, kIdMax)};
    }
  }
  return {};
}

class OpenSpool final : public Spool {
 public:
  OpenSpool(FileSystem& fs, const SpoolConfig& config) : shared_(fs, config) {}

  Result<void> open() {
    const auto made = shared_.fs.create_folder(shared_.config.folder);
    if (!made) return made.error();
    auto lock = shared_.fs.lock(shared_.config.folder / kLock);
    if (!lock) return lock.error();
    lock_ = std::move(*lock);
    AcceptedLog log(shared_.fs, shared_.config.folder);
    auto recovered = recover(shared_, log);
    if (!recovered) return recovered.error();
    recovery_ = std::move(recovered->report);
    writer_.emplace(shared_, std::move(log));
    writer_->relog(recovered->unlogged);
    for (std::size_t i = 0; i < shared_.standings.size(); ++i) {
      consumers_.push_back(std::make_unique<Consumer>(shared_, i));
    }
    const auto deleted = delete_passed(shared_);
    if (!deleted) recovery_.notes.push_back(deleted.error().message);
    return {};
  }

  Result<Appended> append(std::span<const EncodedEntry> entries) override {
    return writer_->append(entries);
  }

  SpoolConsumer& consumer(std::string_view id) override {
    const auto& all = shared_.config.consumers;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.id == id; });
    assert(found != all.end());
    return *consumers_[static_cast<std::size_t>(found - all.begin())];
  }

  const SpoolRecovery& recovery() const override { return recovery_; }

  SpoolPosition end() const override {
    const std::lock_guard lock(shared_.mutex);
    return shared_.end;
  }

  SpoolState state() const override {
    SpoolState state;
    writer_->add_to(state);
    const std::lock_guard lock(shared_.mutex);
    state.bytes = shared_.bytes;
    state.max_bytes = shared_.config.max_bytes;
    state.segments = shared_.segments.size();
    state.end = shared_.end;
    state.mode = shared_.config.mode;
    state.when_full = shared_.config.when_full;
    state.holes = shared_.holes_met;
    for (const auto& one : shared_.standings) {
      state.consumers.push_back(
          {one->id, one->required, one->settled, one->waiting(shared_.end), one->by_reason});
    }
    return state;
  }

 private:
  Shared shared_;
  std::unique_ptr<File> lock_;
  SpoolRecovery recovery_;
  std::optional<Writer> writer_;
  std::vector<std::unique_ptr<Consumer>> consumers_;
};

}  // namespace

Result<std::unique_ptr<Spool>> open_on(FileSystem& fs, SpoolConfig config) {
  const auto good = check(config);
  if (!good) return good.error();
  config.segment_bytes = std::min(config.segment_bytes, config.max_bytes / 4);
  auto opened = std::make_unique<OpenSpool>(fs, config);
  const auto done = opened->open();
  if (!done) return done.error();
  return std::unique_ptr<Spool>(std::move(opened));
}

}  // namespace spool

std::string_view to_text(SyncMode mode) {
  switch (mode) {
    case SyncMode::group:
      return "group";
    case SyncMode::each:
      return "each";
    case SyncMode::os:
      return "os";
  }
  return "?";
}

std::string_view to_text(FullPolicy policy) {
  switch (policy) {
    case FullPolicy::block:
      return "block";
    case FullPolicy::drop_oldest:
      return "drop_oldest";
    case FullPolicy::reject:
      return "reject";
  }
  return "?";
}

Result<std::unique_ptr<Spool>> open_spool(SpoolConfig config) {
  return spool::open_on(spool::real_file_system(), std::move(config));
}

}  // namespace unity::db
