#include "unity/db/dead_letters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <mutex>

#include "dead_letters/letter_file.hpp"
#include "dead_letters/letter_rows.hpp"

namespace unity::db {
namespace {

constexpr std::string_view kKeeping = "keep refused records in";
constexpr std::string_view kReading = "read the dead letters in";
constexpr std::string_view kRemoving = "remove dead letters from";

// What a letter costs beside its texts, about.
constexpr std::size_t kOverhead = 64;

}  // namespace

class DeadLetters::Impl {
 public:
  Impl(LetterFile letters, std::filesystem::path path, const DeadLetterLimits& limits, bool mend,
       std::string notice)
      : letters_(std::move(letters)),
        path_(std::move(path)),
        limits_(limits),
        mend_(mend),
        notice_(std::move(notice)) {}

  Result<void> append(std::span<const DeadLetter> letters) {
    const std::lock_guard lock(mutex_);
    if (auto opened = ensure_open(); !opened) return opened;
    auto kept = try_append(letters);
    if (kept || kept.error().code != Errc::refused || !mend_) return kept;
    if (auto begun = begin_anew(kept.error().message); !begun) return begun;
    return try_append(letters);
  }

  Result<std::vector<DeadLetter>> list(const DeadLetterFilter& filter, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    if (auto opened = ensure_open(); !opened) return std::move(opened).error();
    auto& connection = letters_->connection;
    auto query =
        connection.prepare("SELECT " UNITY_LETTER_COLUMNS " FROM letters WHERE " UNITY_LETTER_FILTER
                           " ORDER BY id DESC LIMIT ?7",
                           kReading);
    if (!query) return std::move(query).error();
    std::string ids;
    const auto most = std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max());
    bind_filter(*query, filter, ids, static_cast<std::int64_t>(most));
    std::vector<DeadLetter> found;
    for (;;) {
      const auto row = connection.next(*query, kReading);
      if (!row) return row.error();
      if (!*row) return found;
      found.push_back(read_letter(*query));
    }
  }

  Result<DeadLetter> get(std::int64_t id) {
    const std::lock_guard lock(mutex_);
    if (auto opened = ensure_open(); !opened) return std::move(opened).error();
    auto& connection = letters_->connection;
    auto query = connection.prepare(
        "SELECT " UNITY_LETTER_COLUMNS ", payload FROM letters WHERE id = ?", kReading);
    if (!query) return std::move(query).error();
    const auto row = connection.next(query->bind(id), kReading);
    if (!row) return row.error();
    if (!*row) {
      return Error{
          Errc::not_found,
          fmt::format("there is no dead letter {}; `unity dlq ls` shows those there are", id)};
    }
    auto letter = read_letter(*query);
    letter.payload = query->text(10);
    return letter;
  }

  // `counter` is a column of totals.
  Result<std::uint64_t> remove(const DeadLetterFilter& filter, std::string_view counter) {
    const std::lock_guard lock(mutex_);
    if (auto opened = ensure_open(); !opened) return std::move(opened).error();
    auto& connection = letters_->connection;
    auto remove = connection.prepare("DELETE FROM letters WHERE " UNITY_LETTER_FILTER, kRemoving);
    if (!remove) return std::move(remove).error();
    auto count =
        connection.prepare(fmt::format("UPDATE totals SET {0} = {0} + ?", counter), kRemoving);
    if (!count) return std::move(count).error();
    auto transaction = Transaction::begin(connection, Transaction::Kind::write, kRemoving);
    if (!transaction) return std::move(transaction).error();
    auto before = totals();
    if (!before) return std::move(before).error();
    std::string ids;
    if (auto done = connection.run(bind_filter(*remove, filter, ids), kRemoving); !done) {
      return std::move(done).error();
    }
    auto after = totals();
    if (!after) return std::move(after).error();
    const auto removed = before->letters - after->letters;
    const auto number = static_cast<std::int64_t>(removed);
    if (auto done = connection.run(count->bind(number), kRemoving); !done) {
      return std::move(done).error();
    }
    if (auto done = transaction->commit(kRemoving); !done) return std::move(done).error();
    // Gives the room back to the file system. If it fails, the letters are gone all the same.
    if (removed > 0) (void)connection.execute("PRAGMA incremental_vacuum", kRemoving);
    return removed;
  }

  Result<DeadLetterState> state() {
    const std::lock_guard lock(mutex_);
    if (auto opened = ensure_open(); !opened) return std::move(opened).error();
    auto& connection = letters_->connection;
    auto counts =
        connection.prepare("SELECT reason, count(*) FROM letters GROUP BY reason", kReading);
    if (!counts) return std::move(counts).error();
    auto transaction = Transaction::begin(connection, Transaction::Kind::read, kReading);
    if (!transaction) return std::move(transaction).error();
    auto state = totals();
    if (!state) return state;
    for (;;) {
      const auto row = connection.next(*counts, kReading);
      if (!row) return row.error();
      if (!*row) return state;
      state->by_reason.emplace(counts->text(0), static_cast<std::uint64_t>(counts->integer(1)));
    }
  }

  std::string take_notice() {
    const std::lock_guard lock(mutex_);
    return std::exchange(notice_, {});
  }

 private:
  // All under the lock.

  // Somebody may have removed the file: what is written to a file without a name is lost.
  Result<void> ensure_open() {
    if (letters_ && (!mend_ || !letters_->connection.has_moved())) return {};
    if (letters_) {
      notice_ = fmt::format("{} was removed or replaced while the host ran; it is begun again",
                            path_.string());
    }
    letters_.reset();
    auto opened = LetterFile::open_or_begin(path_, notice_);
    if (!opened) return std::move(opened).error();
    letters_.emplace(std::move(*opened));
    return {};
  }

  Result<void> try_append(std::span<const DeadLetter> letters) {
    if (letters.empty()) return {};
    auto transaction = Transaction::begin(letters_->connection, Transaction::Kind::write, kKeeping);
    if (!transaction) return std::move(transaction).error();
    for (const auto& letter : letters) {
      if (auto added = add(letter); !added) return added;
    }
    if (auto trimmed = drop_oldest(); !trimmed) return trimmed;
    return transaction->commit(kKeeping);
  }

  Result<void> add(const DeadLetter& letter) {
    const auto payload = std::string_view(letter.payload).substr(0, kPayloadMax);
    auto detail = letter.detail;
    if (payload.size() < letter.payload.size()) {
      detail += fmt::format(" (its payload is cut: it had {} bytes)", letter.payload.size());
    }
    const auto size = kOverhead + letter.instance.size() + letter.plugin.size() +
                      letter.device.size() + letter.metric.size() + letter.stage.size() +
                      letter.reason.size() + detail.size() + payload.size();
    letters_->insert.bind(letter.time, letter.instance, letter.plugin, letter.device, letter.metric,
                          letter.stage, letter.reason, detail, payload,
                          static_cast<std::int64_t>(letter.run), static_cast<std::int64_t>(size));
    return letters_->connection.run(letters_->insert, kKeeping);
  }

  // Until the bounds hold. The newest letter stays, however large.
  Result<void> drop_oldest() {
    auto now = totals();
    if (!now) return std::move(now).error();
    std::int64_t dropped = 0;
    while (now->letters > 1 &&
           (now->letters > limits_.letters_max || now->bytes > limits_.bytes_max)) {
      const auto row = letters_->connection.next(letters_->drop_oldest.bind(), kKeeping);
      if (!row) return row.error();
      if (!*row) break;
      --now->letters;
      now->bytes -= static_cast<std::uint64_t>(letters_->drop_oldest.integer(0));
      letters_->drop_oldest.reset();
      ++dropped;
    }
    if (dropped == 0) return {};
    return letters_->connection.run(letters_->count_overflowed.bind(dropped), kKeeping);
  }

  Result<DeadLetterState> totals() {
    auto& query = letters_->totals;
    const auto row = letters_->connection.next(query.bind(), kReading);
    if (!row) return row.error();
    if (!*row) {
      return Error{Errc::refused, fmt::format("cannot {} {}: the totals are gone", kReading,
                                              letters_->connection.path())};
    }
    const auto column = [&query](int index) {
      return static_cast<std::uint64_t>(query.integer(index));
    };
    DeadLetterState state{column(0), column(1), column(2), column(3), column(4), {}};
    query.reset();
    return state;
  }

  Result<void> begin_anew(const std::string& why) {
    letters_.reset();
    auto anew = begin_letters_anew(path_, why, notice_);
    if (!anew) return std::move(anew).error();
    letters_.emplace(std::move(*anew));
    return {};
  }

  std::mutex mutex_;
  std::optional<LetterFile> letters_;  // nothing after reopening failed
  std::filesystem::path path_;
  DeadLetterLimits limits_;
  bool mend_;  // a damaged file is ours to move aside
  std::string notice_;
};

Result<DeadLetters> DeadLetters::open(const std::filesystem::path& file,
                                      const DeadLetterLimits& limits) {
  std::string notice;
  auto letters = LetterFile::open_or_begin(file, notice);
  if (!letters) return std::move(letters).error();
  return DeadLetters(
      std::make_unique<Impl>(std::move(*letters), file, limits, true, std::move(notice)));
}

Result<DeadLetters> DeadLetters::open_existing(const std::filesystem::path& file) {
  auto letters = LetterFile::open_existing(file);
  if (!letters) return std::move(letters).error();
  return DeadLetters(
      std::make_unique<Impl>(std::move(*letters), file, DeadLetterLimits(), false, std::string()));
}

DeadLetters::DeadLetters(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DeadLetters::DeadLetters(DeadLetters&& other) noexcept = default;
DeadLetters::~DeadLetters() = default;

Result<void> DeadLetters::append(std::span<const DeadLetter> letters) {
  return impl_->append(letters);
}

Result<std::vector<DeadLetter>> DeadLetters::list(const DeadLetterFilter& filter,
                                                  std::size_t limit) {
  return impl_->list(filter, limit);
}

Result<DeadLetter> DeadLetters::get(std::int64_t id) { return impl_->get(id); }

Result<std::uint64_t> DeadLetters::purge(const DeadLetterFilter& filter) {
  return impl_->remove(filter, "purged");
}

Result<std::uint64_t> DeadLetters::remove_replayed(std::span<const std::int64_t> ids) {
  if (ids.empty()) return std::uint64_t{0};
  DeadLetterFilter filter;
  filter.ids.assign(ids.begin(), ids.end());
  return impl_->remove(filter, "replayed");
}

Result<DeadLetterState> DeadLetters::state() { return impl_->state(); }

std::string DeadLetters::take_notice() { return impl_->take_notice(); }

}  // namespace unity::db
