#include "app/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "unity/core/json/stored_record.hpp"

namespace unity::host {
namespace {

// Made in one turn of the control thread: each takes as long as to add a collector.
constexpr std::size_t kPipelinesPerTurn = 16;

// One replay. Its steps follow one another, each on the thread that its comment names.
class Replay : public std::enable_shared_from_this<Replay> {
 public:
  Replay(Delivery& delivery, EventLoop& loop, WorkerPool& pool, ReplayRequest request)
      : delivery_(delivery), loop_(loop), pool_(pool), request_(std::move(request)) {}

  void begin() { on_pool(&Replay::read); }  // control thread

 private:
  using Step = void (Replay::*)();

  // A letter that goes through stages.
  struct Emitted {
    db::DeadLetter letter;
    std::unique_ptr<Pipeline> pipeline;
    json::Payload payload;  // if it is a row: its dataset and the row
  };

  void on_pool(Step step) {  // control thread: the pool is its own to post to
    pool_.post([self = shared_from_this(), step] { (self.get()->*step)(); });
  }
  void on_control(Step step) {  // any thread
    loop_.post([self = shared_from_this(), step] { (self.get()->*step)(); });
  }

  void read();                                // pool
  void make_pipelines();                      // control thread
  void take_emitted();                        // pool
  void accept();                              // pool
  void one_is(const Result<void>& accepted);  // any thread
  void conclude();                            // control thread
  void remove();                              // pool
  void answer();                              // control thread

  void take(const db::DeadLetter& letter, PipelineOutput output);
  void refuse(const db::DeadLetter& letter, std::string reason) {
    outcome_.refused.push_back({letter.id, std::move(reason)});
  }

  Delivery& delivery_;
  EventLoop& loop_;
  WorkerPool& pool_;
  ReplayRequest request_;

  std::vector<Emitted> emitted_;
  std::size_t made_ = 0;  // that have been asked for
  std::vector<std::int64_t> taken_;
  std::map<std::string, RunReport> reports_;  // by instance: each record is booked for its own
  ReplayOutcome outcome_;

  std::atomic<std::size_t> left_ = 0;  // reports that are neither durable nor refused
  std::mutex mutex_;
  Result<void> result_;  // under the lock until none is left
};

void Replay::read() {
  for (const auto id : request_.letters) {
    auto letter = delivery_.dead_letters().get(id);
    if (!letter) {
      outcome_.refused.push_back({id, letter.error().message});
      continue;
    }
    auto payload = json::read_payload(letter->payload);
    if (!payload) {
      refuse(*letter, payload.error().message);
    } else if (payload->processed) {
      PipelineOutput output;
      output.collected = payload->record.host_made ? 0 : 1;
      output.records.push_back(std::move(payload->record));
      take(*letter, std::move(output));
    } else {
      emitted_.push_back({std::move(*letter), nullptr, std::move(*payload)});
    }
  }
  emitted_.empty() ? accept() : on_control(&Replay::make_pipelines);
}

void Replay::make_pipelines() {
  const auto end = std::min(emitted_.size(), made_ + kPipelinesPerTurn);
  for (; made_ < end; ++made_) {
    auto& one = emitted_[made_];
    one.pipeline = request_.make_pipeline(one.letter.instance);
  }
  made_ < emitted_.size() ? on_control(&Replay::make_pipelines) : on_pool(&Replay::take_emitted);
}

void Replay::take_emitted() {
  for (auto& [letter, pipeline, payload] : emitted_) {
    if (!pipeline) {
      refuse(letter, fmt::format("there is no collector {} now", letter.instance));
      continue;
    }
    Emission emission;
    emission.text = letter.payload;
    if (payload.record.is_row) {
      emission.text = std::move(payload.row);
      emission.dataset = payload.record.metric;
    }
    const auto time = payload.record.is_row ? payload.record.time : Time{};
    emission.time = time != Time{} ? time : letter.time;
    RunContext context;
    context.started = letter.time;
    context.began = std::chrono::steady_clock::now();
    auto output = pipeline->process({emission}, context);
    if (output.rejected.empty()) {
      take(letter, std::move(output));
    } else {
      const auto& again = output.rejected.front();
      refuse(letter, fmt::format("stage {} refuses it again as {}: {}", again.stage, again.reason,
                                 again.detail));
    }
  }
  emitted_.clear();
  accept();
}

void Replay::take(const db::DeadLetter& letter, PipelineOutput output) {
  taken_.push_back(letter.id);
  auto& report = reports_[letter.instance];
  report.run = request_.run;
  report.instance = letter.instance;
  report.plugin = letter.plugin;
  report.output.collected += output.collected;
  for (auto& record : output.records) report.output.records.push_back(std::move(record));
  for (const auto& [reason, count] : output.dropped_by) report.output.dropped_by[reason] += count;
}

void Replay::accept() {
  outcome_.replayed = taken_.size();
  if (reports_.empty()) return on_control(&Replay::answer);
  left_ = reports_.size();
  for (auto& [instance, report] : reports_) {
    delivery_.accept(std::move(report), [self = shared_from_this()](const Result<void>& accepted) {
      self->one_is(accepted);
    });
  }
}

void Replay::one_is(const Result<void>& accepted) {
  if (!accepted) {
    const std::lock_guard lock(mutex_);
    result_ = accepted;
  }
  if (--left_ == 0) on_control(&Replay::conclude);
}

void Replay::conclude() { result_ ? on_pool(&Replay::remove) : answer(); }

void Replay::remove() {
  if (const auto removed = delivery_.dead_letters().remove_replayed(taken_); !removed) {
    result_ = Error{removed.error().code,
                    fmt::format("the records were taken, but their letters are still there: {}",
                                removed.error().message)};
  }
  on_control(&Replay::answer);
}

void Replay::answer() {
  if (!result_) return request_.done(result_.error());
  request_.done(std::move(outcome_));
}

}  // namespace

void replay(Delivery& delivery, EventLoop& loop, WorkerPool& pool, ReplayRequest request) {
  std::make_shared<Replay>(delivery, loop, pool, std::move(request))->begin();
}

}  // namespace unity::host
