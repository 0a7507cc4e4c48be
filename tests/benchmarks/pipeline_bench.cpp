// Records through the pipeline into nothing, beside RapidJSON reading the same bytes in place with
// every value taken: on one core, in turns, so that what else the machine does falls on both.
// Each round is many passes over the same records; processor time of the thread, and wall time.
// Prints one JSON object. Usage: unity_pipeline_bench [rounds]
#include <fmt/format.h>
#include <rapidjson/reader.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <random>

#include "unity/core/engine/recycle.hpp"
#include "unity/core/processors/registry.hpp"

namespace {
std::uint64_t allocations = 0;
}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace unity {
namespace {

constexpr std::size_t kRecords = 10'000;
constexpr std::size_t kRecordsPerRun = 100;  // what one run of a collector emits
constexpr double kRoundSeconds = 0.2;        // at least, of the floor, which is the faster
constexpr const char* kManifest = R"({
  "manifest": 1, "id": "bench.disk", "version": "1", "name": "Bench", "abi_min": "1.0",
  "collectors": [{"name": "disk"}],
  "metrics": [
    {"name": "disk_io", "fields": [
      {"name": "read_bytes", "unit": "By", "kind": "counter"},
      {"name": "write_bytes", "unit": "By", "minimum": 0, "maximum": 1e15},
      {"name": "reads", "unit": "1", "minimum": 0, "maximum": 1e9},
      {"name": "writes", "unit": "1", "minimum": 0, "maximum": 1e9},
      {"name": "busy_percent", "unit": "%", "minimum": 0, "maximum": 100},
      {"name": "queue_length", "unit": "1", "minimum": 0, "maximum": 65536},
      {"name": "latency_ms", "unit": "ms", "minimum": 0, "maximum": 1e6},
      {"name": "temperature", "unit": "Cel", "minimum": -50, "maximum": 150},
      {"name": "errors", "unit": "1", "minimum": 0, "maximum": 1e9},
      {"name": "healthy", "kind": "bool"}]},
    {"name": "cpu", "fields": [
      {"name": "user", "unit": "s", "kind": "counter"},
      {"name": "latency_ms", "unit": "ms", "minimum": 0, "maximum": 1e6}]}]})";

// What an operator would write: the default, with a collector's own stages in its place.
constexpr const char* kStages = R"([
  "validate", "timestamp", "rate",
  {"convert": {"fields": {"latency_ms": "s"}}},
  {"derive": {"fields": {"in_flight_bytes": "read_bytes * latency_ms",
                         "waiting": "user * latency_ms"}}},
  "enrich", "summary"])";

// Adds up what RapidJSON found, so that no value goes unread; the sums are printed.
struct Sum : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Sum> {
  bool Null() { return ++count, true; }
  bool Bool(bool value) { return count += value ? 1 : 0, true; }
  bool Int(int value) { return number += value, true; }
  bool Uint(unsigned value) { return number += value, true; }
  bool Int64(std::int64_t value) { return number += static_cast<double>(value), true; }
  bool Uint64(std::uint64_t value) { return number += static_cast<double>(value), true; }
  bool Double(double value) { return number += value, true; }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return count += size + static_cast<unsigned char>(text[0]), true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool copy) {
    return String(text, size, copy);
  }
  std::uint64_t count = 0;
  double number = 0;
};

std::string large_record(std::mt19937_64& random, std::size_t number, std::uint64_t& counter) {
  counter += random() % 1'000'000;
  return fmt::format(
      R"({{"metric":"disk_io","time":"2026-01-31T12:{:02}:{:02}.{:06}Z","tags":{{"disk":"nvme{:02}n1","bus":"pci-0000:{:02x}:00"}},"values":{{"read_bytes":{},"write_bytes":{},"reads":{},"writes":{},"busy_percent":{:.2f},"queue_length":{},"latency_ms":{:.3f},"temperature":{:.1f},"errors":{},"healthy":{}}}}})",
      number / 60 % 60, number % 60, random() % 1'000'000, number % 16, number % 16, counter,
      random() % 1'000'000'000'000, random() % 100'000'000, random() % 100'000'000,
      static_cast<double>(random() % 10'000) / 100, random() % 64,
      static_cast<double>(random() % 1'000'000) / 1000,
      20 + static_cast<double>(random() % 400) / 10, random() % 10,
      random() % 2 == 0 ? "true" : "false");
}

std::string small_record(std::mt19937_64& random, std::size_t number, std::uint64_t& counter) {
  counter += random() % 100'000;
  return fmt::format(
      R"({{"metric":"cpu","time":"2026-01-31T12:{:02}:{:02}Z","tags":{{"core":"{:02}"}},"values":{{"user":{},"latency_ms":{:.3f}}}}})",
      number / 60 % 60, number % 60, number % 16, counter + 10'000'000,
      static_cast<double>(random() % 1'000'000) / 1000);
}

// What the thread has spent, and what the clock on the wall says of it.
struct Took {
  double cpu = 0;
  double wall = 0;

  Took& operator+=(const Took& other) {
    cpu += other.cpu;
    wall += other.wall;
    return *this;
  }
};

double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class Work>
Took time(Work work) {
  const Took before{seconds_of(CLOCK_THREAD_CPUTIME_ID), seconds_of(CLOCK_MONOTONIC)};
  work();
  return {seconds_of(CLOCK_THREAD_CPUTIME_ID) - before.cpu,
          seconds_of(CLOCK_MONOTONIC) - before.wall};
}

Pipeline make_bench_pipeline() {
  static const auto manifest = std::make_shared<const Manifest>(*parse_manifest(kManifest));
  const StageContext context{manifest,
                             &manifest->collectors.front(),
                             std::make_shared<const Origin>(Origin{"nas", "bench.disk", "disk"}),
                             {{"site", "attic"}, {"rack", "r1"}, {"environment", "production"}},
                             {},
                             {}};
  std::vector<Problem> problems;
  const auto spec = read_pipeline(*json::parse(kStages), PipelineLevel::global, problems);
  auto pipeline = make_pipeline(context, spec, {}, problems);
  for (const auto& problem : problems) {
    fmt::print(stderr, "{}: {}\n", problem.pointer, problem.message);
  }
  if (!problems.empty()) std::exit(1);
  return pipeline;
}

struct Load {
  std::string text;                  // all records, each with a NUL behind it
  std::vector<std::size_t> records;  // where each begins
  std::vector<std::vector<Emission>> runs;
  std::size_t bytes = 0;
};

template <class Make>
Load make_load(Make make) {
  Load load;
  std::mt19937_64 random(1);
  std::uint64_t counter = 0;
  std::string text;
  for (std::size_t i = 0; i < kRecords; ++i) {
    const auto record = make(random, i, counter);
    load.records.push_back(load.text.size());
    load.text.append(record.c_str(), record.size() + 1);
    load.bytes += record.size();
    text += record;
    text += '\n';
    if ((i + 1) % kRecordsPerRun == 0) {
      load.runs.push_back({{Emission::Format::ndjson, text, {}, {}}});
      text.clear();
    }
  }
  return load;
}

// All records through RapidJSON, in place: each text can be read once, and is copied before.
Took pass_of_floor(const Load& load, std::string& copy, Sum& sum) {
  copy.assign(load.text);
  return time([&] {
    rapidjson::Reader reader;
    for (const auto record : load.records) {
      rapidjson::InsituStringStream stream(copy.data() + record);
      if (!reader.Parse<rapidjson::kParseInsituFlag>(stream, sum)) {
        fmt::print(stderr, "RapidJSON did not read a record\n");
        std::exit(1);
      }
    }
  });
}

Took pass_of_ours(const Load& load, Pipeline& pipeline, Instant& now) {
  std::uint64_t kept = 0;
  const auto took = time([&] {
    for (const auto& run : load.runs) {
      now += std::chrono::seconds(1);
      auto out = pipeline.process(run, {Time(std::chrono::hours(480'000)), now});
      kept += out.records.size() + out.dropped_by["first of a rate"];
      recycle(std::move(out.records));
    }
  });
  if (kept != kRecords) {
    fmt::print(stderr, "{} of {} records came through\n", kept, kRecords);
    std::exit(1);
  }
  return took;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<long>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

// Records a second of each round.
struct Rounds {
  std::vector<double> cpu;
  std::vector<double> wall;

  void add(const Took& took, int passes) {
    const auto records = static_cast<double>(kRecords) * passes;
    cpu.push_back(records / took.cpu);
    wall.push_back(records / took.wall);
  }
};

std::string measure(const Load& load, int rounds) {
  auto pipeline = make_bench_pipeline();
  Instant now{std::chrono::hours(1)};
  Sum sum;
  std::string copy;
  // What is found once: caches, memory. And how many passes a round of the faster takes.
  pass_of_ours(load, pipeline, now);
  pass_of_floor(load, copy, sum);
  const int passes = 1 + static_cast<int>(kRoundSeconds / pass_of_floor(load, copy, sum).cpu);
  Rounds floors;
  Rounds ours;
  std::vector<double> ratios;
  std::uint64_t allocated = 0;
  for (int round = 0; round < rounds; ++round) {
    Took floor;
    Took own;
    for (int pass = 0; pass < passes; ++pass) floor += pass_of_floor(load, copy, sum);
    const auto before = allocations;
    for (int pass = 0; pass < passes; ++pass) own += pass_of_ours(load, pipeline, now);
    allocated = allocations - before;
    floors.add(floor, passes);
    ours.add(own, passes);
    ratios.push_back(ours.cpu.back() / floors.cpu.back());
  }
  const double size = static_cast<double>(load.bytes) / static_cast<double>(kRecords);
  return fmt::format(
      R"({{"record_bytes":{:.0f},"passes":{},"rounds":{},"records_per_second":{:.0f},"mb_per_second":{:.0f},"wall_records_per_second":{:.0f},"floor_records_per_second":{:.0f},"floor_mb_per_second":{:.0f},"floor_wall_records_per_second":{:.0f},"ratio":{:.3f},"ratio_min":{:.3f},"ratio_max":{:.3f},"allocations_per_record":{:.3f},"floor_sum":{:.6e},"floor_characters":{}}})",
      size, passes, rounds, median(ours.cpu), median(ours.cpu) * size / 1e6, median(ours.wall),
      median(floors.cpu), median(floors.cpu) * size / 1e6, median(floors.wall), median(ratios),
      *std::min_element(ratios.begin(), ratios.end()),
      *std::max_element(ratios.begin(), ratios.end()),
      static_cast<double>(allocated) / (static_cast<double>(kRecords) * passes), sum.number,
      sum.count);
}

}  // namespace
}  // namespace unity

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 15;
  fmt::print("{{\"large\":{},\n", unity::measure(unity::make_load(unity::large_record), rounds));
  fmt::print("\"small\":{}}}\n", unity::measure(unity::make_load(unity::small_record), rounds));
}
