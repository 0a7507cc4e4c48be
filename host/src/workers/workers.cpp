#include "workers/workers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <thread>

#include "base/durable_file.hpp"
#include "log/log.hpp"
#include "runtime/thread.hpp"
#include "worker/protocol/confinement_wire.hpp"
#include "workers/confinement_of.hpp"

namespace unity::host {
namespace {

using std::chrono::steady_clock;

// A file has this long to be loaded: its initialisers run then.
constexpr auto kScanTime = std::chrono::seconds(5);
// From when a worker was killed to when that is known. What is in the kernel and cannot be woken
// takes longer.
constexpr auto kEndKnown = std::chrono::seconds(2);
constexpr std::size_t kScansKept = 1000;
constexpr std::size_t kAbandonedMax = 16;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end != 0) lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

}  // namespace

Offence offence_of(const std::optional<WorkerEnd>& end, std::string instance, std::string reason) {
  Offence offence;
  offence.instance = std::move(instance);
  offence.reason = std::move(reason);
  if (!end) return offence;
  offence.signal = end->signal;
  offence.backtrace = end->backtrace;
  offence.last_output = end->last_output;
  return offence;
}

PooledWorker::~PooledWorker() {
  if (worker_) worker_->kill("nobody uses it any more");
}

Result<std::shared_ptr<Worker>> PooledWorker::get() {
  const std::lock_guard lock(mutex_);
  if (worker_ && worker_->usable()) return worker_;
  auto started = workers_.start(confinement_, "the pooled worker");
  if (started) worker_ = *started;
  return started;
}

Workers::Workers(const Options& options)
    : scans_(options.state_dir / "scanned.txt"),
      log_gaps_(options.log_gaps),
      slots_(options.state_dir / "workers"),
      quarantine_(quarantine_file(options.state_dir), options.quarantine_after),
      left_behind_(take_left_behind(slots_)),
      keeper_(options.binary, slots_) {
  if (const auto text = read_if_there(scans_); text && *text) good_ = lines_of(**text);
  if (!keeper_.cgroups().gap().empty()) gaps_.push_back(keeper_.cgroups().gap());
}

Result<std::shared_ptr<Worker>> Workers::start(const worker::Confinement& confinement,
                                               const std::string& who) {
  if (const auto count = abandoned(); count >= kAbandonedMax) {
    return Error{Errc::internal,
                 fmt::format("{} workers were killed and do not die; no more are started", count)};
  }
  CgroupLimits limits;
  limits.memory = confinement.limits.memory;
  limits.processes = confinement.limits.processes;
  auto started = keeper_.start(who, limits);
  if (!started) return started;
  auto gaps = (*started)->confine(encode(confinement));
  if (!gaps) {
    (*started)->kill("it did not confine itself");
    return gaps.error();
  }
  const std::lock_guard lock(mutex_);
  for (auto& gap : *gaps) {
    if (std::find(gaps_.begin(), gaps_.end(), gap) != gaps_.end()) continue;
    if (log_gaps_) log_warn("workers: {}", gap);
    gaps_.push_back(std::move(gap));
  }
  return started;
}

std::optional<WorkerEnd> Workers::end_of(const std::shared_ptr<Worker>& worker) {
  if (!worker->is_leaving()) {
    worker->kill("it closed what connects it with the host, or wrote on it");
  }
  auto end = worker->end(steady_clock::now() + kEndKnown);
  if (!end) {
    const std::lock_guard lock(mutex_);
    std::erase_if(undying_, [](const auto& one) { return one.expired(); });
    undying_.push_back(worker);
  }
  return end;
}

std::size_t Workers::abandoned() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(undying_.begin(), undying_.end(), [](const auto& one) {
        const auto worker = one.lock();
        return worker && worker->alive();
      }));
}

void Workers::watch_host() {
  if (host_slots_) return;
  auto slots = SlotFile::create(slots_, "host");
  if (!slots) {
    log_warn("a plugin that crashes inline will not be known by name: {}", slots.error().message);
    return;
  }
  host_slots_.emplace(std::move(*slots));
  catch_crashes(host_slots_->page());
}

std::vector<std::string> Workers::gaps() const {
  const std::lock_guard lock(mutex_);
  return gaps_;
}

bool Workers::scanned_well(const std::string& hash) const {
  const std::lock_guard lock(mutex_);
  return std::find(good_.begin(), good_.end(), hash) != good_.end();
}

void Workers::remember_scan(const std::string& hash) {
  const std::lock_guard lock(mutex_);
  good_.push_back(hash);
  if (good_.size() > kScansKept) good_.erase(good_.begin());
  // Lost, it costs another scan.
  (void)write_durably(scans_, fmt::format("{}\n", fmt::join(good_, "\n")));
}

Result<void> Workers::scan(const std::shared_ptr<const PluginImage>& image) {
  if (const auto held = quarantine_.reason(image->hash)) {
    return Error{Errc::refused,
                 fmt::format("cannot use plugin {}: {}", image->identity.path, *held)};
  }
  const auto hash = to_hex(image->hash);
  if (image->bundled || scanned_well(hash)) return {};
  const auto nothing = confinement_of(Permissions(), WorkerLimits());
  if (!nothing) return nothing.error();
  const auto worker = start(*nothing, image->identity.path);
  if (!worker) return worker.error();
  // Its initialisers may never end.
  std::mutex mutex;
  std::condition_variable change;
  bool done = false;
  auto patience = start_thread([&] {
    std::unique_lock lock(mutex);
    if (!change.wait_for(lock, kScanTime, [&] { return done; })) {
      (*worker)->kill(fmt::format("it was not loaded within {}", to_text(Duration(kScanTime))));
    }
  });
  const auto loaded = (*worker)->load(image);
  {
    const std::lock_guard lock(mutex);
    done = true;
  }
  change.notify_all();
  patience.join();
  if (loaded) {
    remember_scan(hash);
    (*worker)->kill("it has done its work");
    return {};
  }
  if (loaded.error().code == Errc::invalid) {
    (*worker)->kill("it has done its work");
    return loaded.error();
  }
  const auto end = end_of(*worker);
  quarantine_.condemn(*image,
                      offence_of(end, "(first contact)",
                                 fmt::format("while it was loaded for the first time, {}",
                                             end ? end->words() : "its process did not die")));
  return Error{Errc::refused, fmt::format("cannot use plugin {}: {}", image->identity.path,
                                          *quarantine_.reason(image->hash))};
}

}  // namespace unity::host
