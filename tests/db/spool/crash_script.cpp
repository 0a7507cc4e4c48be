#include "db/spool/crash_script.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "spool/accepted_log.hpp"

namespace unity::test {

CrashScript::CrashScript(Options options) : options_(options), random_(options.seed) {
  readers_.push_back({"a", {}, 0, {}, {}});
  readers_.push_back({"b", {}, 0, {}, {}});
}

void CrashScript::open() {
  spool_.reset();
  auto config = spool_config({{"a", true}, {"b", true}});
  config.mode = options_.mode;
  config.when_full = options_.when_full;
  config.max_bytes = options_.max_bytes;
  for (int tries = 0; tries < 3 && !spool_ && !disk_.frozen(); ++tries) {
    auto opened = db::spool::open_on(disk_, config);
    if (opened) spool_ = std::move(*opened);
  }
  for (auto& reader : readers_) {
    if (spool_) reader.read = spool_->consumer(reader.id).settled();
  }
}

void CrashScript::run() {
  open();
  for (std::size_t i = 0; i < options_.operations && !disk_.frozen(); ++i) {
    if (!spool_) open();
    if (!spool_) continue;
    const auto dice = random_() % 100;
    auto& reader = readers_[random_() % readers_.size()];
    if (dice < 45) {
      append();
    } else if (dice < 75) {
      read(reader);
    } else if (dice < 96) {
      ack(reader);
    } else if (dice < 98) {
      spool_->consumer(reader.id).rewind();
      reader.read = spool_->consumer(reader.id).settled();
    } else {
      open();
    }
  }
  spool_.reset();
}

void CrashScript::append() {
  std::vector<db::EncodedEntry> entries;
  const auto begin = groups_.size();
  for (auto n = 1 + random_() % 4; n > 0; --n) {
    const auto count = 1 + random_() % 5;
    entries.push_back(entry_of(next_, count));
    groups_.push_back({next_, count, false});
    next_ += count;
  }
  const auto done = spool_->append(entries);
  if (!done) return;
  for (std::size_t i = 0; i < done->accepted; ++i) {
    groups_[begin + i].accepted = true;
    accepted_ += groups_[begin + i].count;
  }
}

void CrashScript::read(Reader& reader) {
  const auto more = spool_->consumer(reader.id).read(1 + random_() % 20, reader.batch);
  if (!more) return;
  for (const auto& record : reader.batch.records) reader.delivered.push_back(number_of(record));
  reader.read = reader.batch.end;
}

void CrashScript::ack(Reader& reader) {
  (void)spool_->consumer(reader.id).ack(reader.read).has_value();
  reader.settled = reader.delivered.size();
}

void CrashScript::check(bool power_cut, std::uint64_t crash_seed) {
  spool_.reset();
  std::mt19937_64 random(crash_seed);
  if (power_cut) {
    disk_.restart(random);
  } else {
    disk_.kill();
  }
  open();
  ASSERT_NE(spool_, nullptr) << "cannot open again";
  for (auto& reader : readers_) check_reader(reader, spool_->consumer(reader.id));
  check_log();

  // And it goes on from there.
  const auto entry = entry_of(next_, 3);
  const auto done = spool_->append({&entry, 1});
  ASSERT_TRUE(done) << done.error().message;
  for (auto& reader : readers_) {
    EXPECT_EQ(read_all(spool_->consumer(reader.id)),
              (std::vector<std::uint64_t>{next_, next_ + 1, next_ + 2}));
  }
}

void CrashScript::check_reader(Reader& reader, db::SpoolConsumer& consumer) {
  const auto recovered = read_all(consumer);

  // In order, so nothing twice; and only what was submitted.
  for (std::size_t i = 0; i < recovered.size(); ++i) {
    ASSERT_LT(recovered[i], next_) << "an invented record";
    if (i > 0) {
      ASSERT_LT(recovered[i - 1], recovered[i]) << "out of order, or twice";
    }
  }
  // The same of what was delivered in one life.
  std::set<std::uint64_t> seen(reader.delivered.begin(), reader.delivered.end());
  ASSERT_TRUE(seen.empty() || *seen.rbegin() < next_);

  // What was accepted is recovered, or was delivered and settled.
  std::set<std::uint64_t> have(
      reader.delivered.begin(),
      reader.delivered.begin() + static_cast<std::ptrdiff_t>(reader.settled));
  have.insert(recovered.begin(), recovered.end());
  std::uint64_t missing = 0;
  for (const auto& group : groups_) {
    if (!group.accepted) continue;
    for (auto n = group.first; n < group.first + group.count; ++n) missing += !have.contains(n);
  }
  const auto lost = lost_by(*spool_, reader.id).records;
  EXPECT_EQ(missing, 0U) << "accepted, then lost, for " << reader.id;
  EXPECT_EQ(lost, 0U) << "a loss was reported where nothing was damaged, for " << reader.id << ": "
                      << testing::PrintToString(spool_->recovery().notes);
}

// Runs in the log: all that were accepted, and no other than those whose records are there.
void CrashScript::check_log() {
  std::set<std::uint64_t> logged;
  std::uint64_t end = 0;
  for (const auto* name : {"/spool/accepted.log.1", "/spool/accepted.log"}) {
    const auto files = disk_.copy();
    const auto found = files.find(name);
    if (found == files.end()) continue;
    std::istringstream lines(found->second);
    for (std::string line; std::getline(lines, line);) {
      const auto read = db::spool::parse_log_line(line);
      ASSERT_TRUE(read) << line;
      EXPECT_TRUE(logged.insert(read->run).second) << "twice in the log: " << line;
      EXPECT_EQ(read->first.records, end) << "a gap in the log";
      end = read->end().records;
    }
  }
  EXPECT_EQ(end, spool_->end().records);
  for (const auto& group : groups_) {
    if (group.accepted) {
      EXPECT_TRUE(logged.contains(group.first)) << "run " << group.first << " is not in the log";
    }
  }
}

}  // namespace unity::test
