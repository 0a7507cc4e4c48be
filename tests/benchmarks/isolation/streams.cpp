// Records of 325 bytes that one worker streams: counted as they come, and through the pipeline;
// beside bare packets of 64 KiB between two processes.
#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "benchmarks/isolation/floor.hpp"
#include "benchmarks/isolation/measurements.hpp"
#include "unity/core/engine/recycle.hpp"
#include "unity/core/processors/registry.hpp"

namespace unity::host {
namespace {

constexpr std::size_t kRecord = 326;  // with the end of its line
constexpr auto kWarm = std::chrono::milliseconds(200);
constexpr double kSeconds = 1;

struct Rounds {
  std::vector<double> per_second;
  std::vector<double> cpu_ns;  // of both processes, a record

  void add(double records, double seconds, double cpu) {
    per_second.push_back(records / seconds);
    cpu_ns.push_back(cpu * 1e9 / records);
  }
  std::string json() const {
    return fmt::format(R"({{"per_second":{},"cpu_ns":{}}})", list(per_second), list(cpu_ns));
  }
};

// Counts what a stream emits, and puts it through a pipeline if there is one.
class Counter final : public RunListener {
 public:
  explicit Counter(Pipeline* pipeline) : pipeline_(pipeline) {}

  std::optional<Instant> began() override { return Instant::max(); }
  void emitted(std::vector<Emission> emissions, std::function<void()> done) override {
    for (const auto& emission : emissions) records_ += (emission.text.size() + 1) / kRecord;
    if (pipeline_ != nullptr) {
      const auto time =
          std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
      auto out = pipeline_->process(emissions, {time, std::chrono::steady_clock::now()});
      kept_ += out.records.size();
      recycle(std::move(out.records));
    }
    done();
  }
  void ended(RunResult result) override {
    if (result.run_class != RunClass::cancelled) give_up("a stream ended: " + result.message);
    ended_ = true;
    ended_.notify_all();
  }
  void wait_for_end() { ended_.wait(false); }

  std::uint64_t records() const { return records_; }
  std::uint64_t kept() const { return kept_; }

 private:
  Pipeline* pipeline_;
  std::atomic<std::uint64_t> records_ = 0;
  std::atomic<std::uint64_t> kept_ = 0;
  std::atomic<bool> ended_ = false;
};

Pipeline make_pipeline_of(const Setup& setup) {
  const auto& manifest = setup.image()->manifest;
  const StageContext context{manifest,
                             manifest->find_collector("flow"),
                             std::make_shared<const Origin>(Origin{"nas", manifest->id, "flow"}),
                             {},
                             {},
                             {}};
  return make_pipeline(context, {"validate", "timestamp", "rate", "enrich", "summary"});
}

void add_stream(Setup& setup, int records_an_emit, Pipeline* pipeline, Rounds& rounds) {
  const auto pool = setup.new_pool();
  Counter counter(pipeline);
  const auto options = fmt::format(R"({{"records":{}}})", records_an_emit);
  auto stream = setup.in_worker({"flow", "flow", options, {}}, pool);
  stream->start({1, Trigger::schedule, {}}, counter);
  std::this_thread::sleep_for(kWarm);
  const pid_t worker = (*pool->get())->pid();
  const auto before = counter.records();
  const double cpu_before = cpu_of(0) + cpu_of(worker);
  const double began = now();
  std::this_thread::sleep_for(std::chrono::duration<double>(kSeconds));
  const auto records = counter.records() - before;
  const double seconds = now() - began;
  rounds.add(static_cast<double>(records), seconds, cpu_of(0) + cpu_of(worker) - cpu_before);
  stream->cancel();
  counter.wait_for_end();
  stream.reset();
  (*pool->get())->kill("it was measured");
  if (pipeline != nullptr && counter.kept() != counter.records()) {
    give_up(fmt::format("{} of {} records came through the pipeline", counter.kept(),
                        counter.records()));
  }
}

void add_floor(Rounds& rounds) {
  PacketFlow flow(std::size_t{64} << 10);
  for (const double until = now() + 0.2; now() < until;) flow.take();
  const double cpu_before = cpu_of(0) + cpu_of(flow.process());
  const double began = now();
  std::size_t bytes = 0;
  while (now() < began + kSeconds) bytes += flow.take();
  const double seconds = now() - began;
  rounds.add(static_cast<double>(bytes) / kRecord, seconds,
             cpu_of(0) + cpu_of(flow.process()) - cpu_before);
}

}  // namespace

void measure_streams(Setup& setup, int rounds) {
  auto pipeline = make_pipeline_of(setup);
  Rounds floors;
  Rounds ones;
  Rounds hundreds;
  Rounds piped;
  for (int round = 0; round < rounds; ++round) {
    add_floor(floors);
    add_stream(setup, 1, nullptr, ones);
    add_stream(setup, 100, nullptr, hundreds);
    add_stream(setup, 100, &pipeline, piped);
  }
  fmt::print(
      "{{\"rounds\":{},\"record_bytes\":{},\n\"floor\":{},\n\"one\":{},\n\"hundred\":{},\n"
      "\"pipeline\":{}}}\n",
      rounds, kRecord - 1, floors.json(), ones.json(), hundreds.json(), piped.json());
}

}  // namespace unity::host
