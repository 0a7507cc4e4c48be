#include "benchmarks/isolation/setup.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "plugin/plugin_library.hpp"
#include "workers/confinement_of.hpp"

namespace unity::host {
namespace {

// Nobody is asked for anything here.
class NoServices final : public PluginServices {
 public:
  void log(std::uint32_t, std::string_view, std::string_view) override {}
  std::uint32_t log_min_level() const override { return UNITY_LOG_ERROR; }
  unity_status secret(std::string_view, std::string&) override { return UNITY_E_NOT_FOUND; }
  unity_status state_get(std::string_view, std::string&) override { return UNITY_E_NOT_FOUND; }
  unity_status state_put(std::string_view, std::string_view) override { return UNITY_E_DENIED; }
};

void run_at_once(const std::function<void()>& task, const RunTiming&) { task(); }

double seconds_of(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

void give_up(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  std::exit(1);
}

std::optional<Instant> Caller::began() {
  return std::chrono::steady_clock::now() + std::chrono::hours(1);
}

const RunResult& Caller::call(Collector& collector, RunClass expected) {
  Run run;
  run.id = ++calls_;
  collector.start(run, *this);
  if (result_.run_class != expected) give_up("a run did not end as it should: " + result_.message);
  return result_;
}

Setup::Setup(const std::string& plugin, const std::string& worker) {
  // A copy, so that neither the owner nor the mode of the build folder matters.
  const auto copy = folder_ / "bench_source.so";
  std::filesystem::copy_file(plugin, copy);
  ::chmod(copy.c_str(), 0644);
  image_ = need(PluginImage::seal(need(read_plugin_file(copy))));
  confinement_ = need(confinement_of(Permissions(), WorkerLimits()));
  const auto state = folder_ / "state";
  std::filesystem::create_directory(state);
  std::filesystem::create_directory(state / "workers");
  std::filesystem::create_directory(state / "workers-unconfined");
  services_ = std::make_shared<NoServices>();
  workers_ = std::make_unique<Workers>(Workers::Options{worker, state, 0});
  keeper_ = std::make_unique<Keeper>(worker, state / "workers-unconfined");
}

std::shared_ptr<PooledWorker> Setup::new_pool() {
  return std::make_shared<PooledWorker>(*workers_, confinement_);
}

std::unique_ptr<Collector> Setup::in_worker(const InstanceSpec& instance,
                                            std::shared_ptr<PooledWorker> pool) {
  WorkerCollector::Spec spec;
  spec.image = image_;
  spec.instance = instance;
  spec.streaming = instance.collector == "flow";
  spec.services = services_;
  spec.confinement = confinement_;
  spec.pool = std::move(pool);
  return std::make_unique<WorkerCollector>(std::move(spec), *workers_, run_at_once);
}

std::unique_ptr<Collector> Setup::in_process(const InstanceSpec& instance) {
  InlineCollector::Spec spec;
  spec.library = need(load_into_host(image_));
  spec.instance = instance;
  spec.streaming = instance.collector == "flow";
  spec.services = services_;
  return std::make_unique<InlineCollector>(std::move(spec), run_at_once);
}

InstanceSpec answering(int bytes, int answers) {
  return {"answer", "answer", fmt::format(R"({{"bytes":{},"answers":{}}})", bytes, answers), {}};
}

double now() { return seconds_of(CLOCK_MONOTONIC); }

double cpu_of(pid_t process) {
  if (process == 0) return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  clockid_t clock{};
  return ::clock_getcpuclockid(process, &clock) == 0 ? seconds_of(clock) : 0;
}

cpu_set_t all_processors() {
  // As it was before anything was placed.
  static const cpu_set_t all = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    ::sched_getaffinity(0, sizeof set, &set);
    return set;
  }();
  return all;
}

int processor_count() {
  const auto all = all_processors();
  return CPU_COUNT(&all);
}

cpu_set_t one_processor(int n) {
  const auto all = all_processors();
  cpu_set_t one;
  CPU_ZERO(&one);
  for (int cpu = 0, seen = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &all)) continue;
    if (seen == n || seen == processor_count() - 1) CPU_SET(cpu, &one);
    if (seen++ == n) break;
  }
  return one;
}

void place_thread(const cpu_set_t& where) { ::sched_setaffinity(0, sizeof where, &where); }

void place_process(pid_t process, const cpu_set_t& where) {
  const auto tasks = fmt::format("/proc/{}/task", process);
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    ::sched_setaffinity(std::atoi(task.path().filename().c_str()), sizeof where, &where);
  }
}

double percentile(std::vector<double> values, double share) {
  const auto at = std::min(values.size() - 1,
                           static_cast<std::size_t>(share * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + static_cast<long>(at), values.end());
  return values[at];
}

std::string list(const std::vector<double>& values) {
  return fmt::format("[{:.4g}]", fmt::join(values, ","));
}

}  // namespace unity::host
