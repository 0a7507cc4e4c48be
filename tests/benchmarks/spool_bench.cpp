// What the spool costs: checksum and codec alone, bytes a second beside a plain append + fdatasync
// of the same bytes in groups of the same size, and a large backlog: how long it takes to open and
// how much memory to drain. Prints one JSON object. Usage: unity_spool_bench FOLDER [backlog MiB]
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "db/records.hpp"
#include "spool/codec.hpp"
#include "spool/format.hpp"
#include "unity/core/base/crc32c.hpp"
#include "unity/db/spool.hpp"

namespace unity {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  std::exit(1);
}

long resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::atol(line.c_str() + 6);
  }
  return 0;
}

// A run of `records` records of ten numbers each.
db::SpoolEntry run_of(std::uint64_t run, int records) {
  db::SpoolEntry entry;
  entry.run = run;
  entry.instance = "benchmark";
  const auto origin = test::origin("benchmark");
  for (int i = 0; i < records; ++i) {
    std::vector<Field> fields;
    for (int n = 0; n < 10; ++n) {
      fields.push_back(test::field("field_" + std::to_string(n),
                                   static_cast<double>(run) * 0.37 + i + n, Kind::gauge, "By"));
    }
    entry.records.push_back(test::record("benchmark", test::at_second(static_cast<int>(run)),
                                         std::move(fields),
                                         {{"source", std::to_string(i)}, {"zone", "a"}}));
    entry.records.back().origin = origin;
  }
  return entry;
}

double crc_gigabytes_per_second() {
  const std::string bytes(std::size_t{1} << 20, 'x');
  std::uint32_t sum = 0;
  const auto begin = Clock::now();
  for (int i = 0; i < 2000; ++i) sum = crc32c(bytes, sum);
  const auto seconds = seconds_since(begin);
  if (sum == 0) give_up("unlikely checksum");  // so that it is not left out
  return 2000.0 * static_cast<double>(bytes.size()) / seconds / 1e9;
}

struct CodecCost {
  double encode_ns = 1e9;
  double decode_ns = 1e9;
  double bytes = 0;
};

CodecCost codec_cost() {
  constexpr int kRecords = 1000;
  const auto entry = run_of(1, kRecords);
  CodecCost cost;
  db::spool::EntryDecoder decoder;
  std::vector<Record> decoded(kRecords);
  for (int round = 0; round < 200; ++round) {  // the best: what the code costs, not the neighbours
    auto begin = Clock::now();
    const auto encoded = db::encode_entry(entry);
    cost.encode_ns = std::min(cost.encode_ns, seconds_since(begin) * 1e9 / kRecords);
    const auto& payload = encoded->front().payload;
    cost.bytes = static_cast<double>(payload.size()) / kRecords;
    begin = Clock::now();
    db::spool::EntryHead head;
    if (!decoder.begin(payload, head)) give_up("cannot decode");
    for (auto& record : decoded) {
      if (!decoder.next(record)) give_up("cannot decode");
    }
    cost.decode_ns = std::min(cost.decode_ns, seconds_since(begin) * 1e9 / kRecords);
  }
  return cost;
}

// Seconds of appending `groups` groups of `bytes` to one file, synced one by one.
double raw_seconds(const std::filesystem::path& folder, const std::string& bytes, int groups) {
  const auto path = folder / "raw";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) give_up("cannot write " + path.string());
  const auto begin = Clock::now();
  for (int i = 0; i < groups; ++i) {
    if (::write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
        ::fdatasync(fd) != 0) {
      give_up("cannot write " + path.string());
    }
  }
  const auto seconds = seconds_since(begin);
  ::close(fd);
  std::filesystem::remove(path);
  return seconds;
}

double spool_seconds(const std::filesystem::path& folder,
                     const std::vector<db::EncodedEntry>& group, int groups) {
  db::SpoolConfig config;
  config.folder = folder / "spool";
  config.min_free_bytes = 0;
  config.consumers = {{"main", true}};
  double seconds = 0;
  {
    const auto spool = db::open_spool(config);
    if (!spool) give_up(spool.error().message);
    const auto begin = Clock::now();
    for (int i = 0; i < groups; ++i) {
      const auto done = (*spool)->append(group);
      if (!done || done->accepted != group.size()) give_up("cannot append");
    }
    seconds = seconds_since(begin);
  }
  std::filesystem::remove_all(config.folder);
  return seconds;
}

// Groups of about `bytes`: spool and raw in turn, so that both see the same disk. Gives JSON.
std::string throughput(const std::filesystem::path& folder, std::size_t bytes) {
  std::vector<db::EncodedEntry> group;
  std::string same;
  for (std::uint64_t run = 0; same.size() < bytes; ++run) {
    auto encoded = db::encode_entry(run_of(run, 20));
    same.resize(same.size() + db::spool::entry_size(encoded->front().payload.size()), 'x');
    group.push_back(std::move(encoded->front()));
  }
  const int groups = static_cast<int>(std::clamp<std::size_t>((64 << 20) / same.size(), 20, 1000));
  std::vector<double> ratios;
  std::vector<double> speeds;
  for (int round = 0; round < 7; ++round) {
    const auto raw = raw_seconds(folder, same, groups);
    const auto with = spool_seconds(folder, group, groups);
    ratios.push_back(raw / with);
    speeds.push_back(static_cast<double>(same.size()) * groups / with / 1e6);
  }
  std::sort(ratios.begin(), ratios.end());
  std::sort(speeds.begin(), speeds.end());
  return fmt::format(
      R"({{"group_bytes": {}, "ratio": {:.3f}, "ratio_min": {:.3f}, "ratio_max": {:.3f}, )"
      R"("spool_mb_per_s": {:.1f}}})",
      same.size(), ratios[3], ratios.front(), ratios.back(), speeds[3]);
}

std::string backlog(const std::filesystem::path& folder, std::uint64_t bytes) {
  db::SpoolConfig config;
  config.folder = folder / "backlog";
  config.mode = db::SyncMode::os;
  config.min_free_bytes = 0;
  config.consumers = {{"main", true}};
  std::uint64_t records = 0;
  {
    const auto spool = db::open_spool(config);
    if (!spool) give_up(spool.error().message);
    std::vector<db::EncodedEntry> group;
    for (std::uint64_t run = 0; run < 100; ++run) {
      group.push_back(std::move(db::encode_entry(run_of(run, 20))->front()));
    }
    while ((*spool)->state().bytes < bytes) {
      const auto done = (*spool)->append(group);
      if (!done || done->accepted != group.size()) give_up("cannot append");
      records += group.size() * 20;
    }
  }
  ::sync();
  const auto before = resident_kib();
  auto begin = Clock::now();
  const auto spool = db::open_spool(config);
  if (!spool) give_up(spool.error().message);
  const auto open_ms = seconds_since(begin) * 1e3;
  begin = Clock::now();
  auto& consumer = (*spool)->consumer("main");
  db::SpoolBatch batch;
  std::uint64_t drained = 0;
  long resident_max = 0;
  while (true) {
    const auto more = consumer.read(1000, batch);
    if (!more) give_up(more.error().message);
    if (!*more) break;
    drained += batch.records.size();
    if (!consumer.ack(batch.end)) give_up("cannot acknowledge");
    if (drained % 100'000 == 0) resident_max = std::max(resident_max, resident_kib());
  }
  const auto seconds = seconds_since(begin);
  if (drained != records) give_up(fmt::format("{} of {} records came back", drained, records));
  return fmt::format(
      R"({{"bytes": {}, "records": {}, "open_ms": {:.1f}, "drain_records_per_s": {:.0f}, )"
      R"("resident_before_kib": {}, "resident_max_kib": {}}})",
      bytes, records, open_ms, static_cast<double>(records) / seconds, before, resident_max);
}

}  // namespace
}  // namespace unity

int main(int argc, char** argv) {
  using namespace unity;
  if (argc < 2) give_up("usage: unity_spool_bench FOLDER [backlog MiB]");
  const std::filesystem::path folder = argv[1];
  const auto mib = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1024;
  std::filesystem::create_directories(folder);
  const auto codec = codec_cost();
  fmt::print(R"({{"crc_gb_per_s": {:.2f}, "encode_ns": {:.0f}, "decode_ns": {:.0f}, )"
             R"("bytes_per_record": {:.1f}, )",
             crc_gigabytes_per_second(), codec.encode_ns, codec.decode_ns, codec.bytes);
  fmt::print(R"("throughput": [{}, {}, {}], "backlog": {}}})"
             "\n",
             throughput(folder, 16 << 10), throughput(folder, 256 << 10),
             throughput(folder, 1 << 20), backlog(folder, mib << 20));
  return 0;
}
