// Records through the pipeline into nothing, beside RapidJSON reading the same bytes in place with
// every value taken: on one core, in turns, so that what else the machine does falls on both.
// Prints one JSON object. Usage: unity_pipeline_bench [rounds]
#include <fmt/format.h>
#include <rapidjson/reader.h>
#include <time.h>

#include <algorithm>
#include <cmath>
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

// Those two stages stand for `convert` and `derive`: one multiplication, one new field.
class Convert : public Processor {
 public:
  Verdict process(Record& record, const RunContext&) override {
    for (auto& field : record.fields) {
      if (field.name != "latency_ms") continue;
      field.value = as_double(field.value) / 1000;
      field.unit = "s";
    }
    return Verdict::keep();
  }
};

class Derive : public Processor {
 public:
  Verdict process(Record& record, const RunContext&) override {
    double rate = 0;
    double latency = 0;
    for (const auto& field : record.fields) {
      if (field.kind == Kind::rate) rate = as_double(field.value);
      if (field.name == "latency_ms") latency = as_double(field.value);
    }
    auto& field = record.fields.emplace_back();
    field.name = name_;
    field.value = rate * latency;
    field.unit = unit_;
    return Verdict::keep();
  }

 private:
  std::string name_ = "in_flight_bytes";
  std::string unit_ = "By";
};

// Counts what RapidJSON found, so that no value goes unread.
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

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

Pipeline make_bench_pipeline() {
  static const auto manifest = std::make_shared<const Manifest>(*parse_manifest(kManifest));
  static const StageContext context{
      manifest,
      &manifest->collectors.front(),
      std::make_shared<const Origin>(Origin{"nas", "bench.disk", "disk"}),
      {{"site", "attic"}, {"rack", "r1"}, {"environment", "production"}},
      {}};
  std::vector<Problem> problems;
  RecordShapes shapes{manifest, &manifest->metrics};
  std::vector<Pipeline::Stage> stages;
  for (const auto& spec : default_pipeline()) {
    if (!spec.make) {  // where a collector's own stages stand
      stages.push_back({"convert", std::make_unique<Convert>(), {}});
      stages.push_back({"derive", std::make_unique<Derive>(), {}});
      continue;
    }
    StageBuild build(context, shapes, spec.select, spec.level, spec.pointer, problems);
    stages.push_back({spec.name, spec.make(build), spec.select});
  }
  return {context.origin, std::move(stages)};
}

struct Load {
  std::vector<std::string> records;
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
    load.records.push_back(make(random, i, counter));
    load.bytes += load.records.back().size();
    text += load.records.back();
    text += '\n';
    if ((i + 1) % kRecordsPerRun == 0) {
      load.runs.push_back({{Emission::Format::ndjson, text, {}, {}}});
      text.clear();
    }
  }
  return load;
}

// Records a second through RapidJSON.
double floor_of(const Load& load, Sum& sum) {
  std::vector<std::string> copies = load.records;  // in place: each text can be read once
  const double before = cpu_seconds();
  rapidjson::Reader reader;
  for (auto& text : copies) {
    rapidjson::InsituStringStream stream(text.data());
    if (!reader.Parse<rapidjson::kParseInsituFlag>(stream, sum)) {
      fmt::print(stderr, "RapidJSON did not read a record\n");
      std::exit(1);
    }
  }
  return static_cast<double>(kRecords) / (cpu_seconds() - before);
}

struct Ours {
  double per_second = 0;
  double allocations = 0;  // a record
};

Ours ours_of(const Load& load, Pipeline& pipeline, Instant& now) {
  std::uint64_t kept = 0;
  const auto allocated = allocations;
  const double before = cpu_seconds();
  for (const auto& run : load.runs) {
    now += std::chrono::seconds(1);
    auto out = pipeline.process(run, {Time(std::chrono::hours(480'000)), now});
    kept += out.records.size() + out.dropped_by["first of a rate"];
    recycle(std::move(out.records));
  }
  const double took = cpu_seconds() - before;
  if (kept != kRecords) {
    fmt::print(stderr, "{} of {} records came through\n", kept, kRecords);
    std::exit(1);
  }
  return {static_cast<double>(kRecords) / took,
          static_cast<double>(allocations - allocated) / static_cast<double>(kRecords)};
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<long>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

std::string measure(const Load& load, int rounds) {
  const double size = static_cast<double>(load.bytes) / static_cast<double>(kRecords);
  auto pipeline = make_bench_pipeline();
  Instant now{std::chrono::hours(1)};
  Sum sum;
  ours_of(load, pipeline, now);  // what is found once: caches, memory
  std::vector<double> floors;
  std::vector<double> ours;
  std::vector<double> ratios;
  double allocated = 0;
  for (int round = 0; round < rounds; ++round) {
    floors.push_back(floor_of(load, sum));
    const auto one = ours_of(load, pipeline, now);
    ours.push_back(one.per_second);
    ratios.push_back(one.per_second / floors.back());
    allocated = one.allocations;
  }
  return fmt::format(
      R"({{"record_bytes":{:.0f},"records_per_second":{:.0f},"mb_per_second":{:.0f},"rapidjson_records_per_second":{:.0f},"ratio":{:.2f},"allocations_per_record":{:.2f},"checksum":{}}})",
      size, median(ours), median(ours) * size / 1e6, median(floors), median(ratios), allocated,
      (sum.count + static_cast<std::uint64_t>(std::abs(sum.number))) % 1000);
}

}  // namespace
}  // namespace unity

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 31;
  fmt::print("{{\"large\":{},\n", unity::measure(unity::make_load(unity::large_record), rounds));
  fmt::print("\"small\":{}}}\n", unity::measure(unity::make_load(unity::small_record), rounds));
}
