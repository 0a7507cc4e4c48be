#include "app/replay.hpp"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "unity/core/json/stored_record.hpp"

namespace unity::host {
namespace {

// What the letter leads to, or why it stays.
Result<PipelineOutput> take(const db::DeadLetter& letter, const MakePipeline& make_pipeline) {
  auto payload = json::read_payload(letter.payload);
  if (!payload) return payload.error();
  PipelineOutput output;
  if (payload->processed) {
    output.collected = 1;
    output.records.push_back(std::move(payload->record));
    return output;
  }
  const auto pipeline = make_pipeline(letter.instance);
  if (!pipeline) {
    return Error{Errc::not_found, fmt::format("there is no collector {} now", letter.instance)};
  }
  Emission emission;
  emission.text = letter.payload;
  emission.time = letter.time;
  RunContext context;
  context.started = letter.time;
  context.began = std::chrono::steady_clock::now();
  output = pipeline->process({emission}, context);
  if (!output.rejected.empty()) {
    const auto& again = output.rejected.front();
    return Error{Errc::invalid, fmt::format("stage {} refuses it again as {}: {}", again.stage,
                                            again.reason, again.detail)};
  }
  return output;
}

// Concludes a replay once the last of its reports is durable or refused.
class Last {
 public:
  Last(Delivery& delivery, std::vector<std::int64_t> taken, ReplayOutcome outcome,
       std::function<void(Result<ReplayOutcome>)> done, std::size_t reports)
      : delivery_(delivery),
        taken_(std::move(taken)),
        outcome_(std::move(outcome)),
        done_(std::move(done)),
        left_(reports) {}

  // Any thread.
  void one_is(const Result<void>& accepted) {
    {
      const std::lock_guard lock(mutex_);
      if (!accepted) refusal_ = accepted;
      if (--left_ > 0) return;
    }
    // What was taken and stays as a letter all the same is recognised when it comes again.
    if (!refusal_) return done_(refusal_.error());
    if (const auto removed = delivery_.dead_letters().remove_replayed(taken_); !removed) {
      return done_(Error{removed.error().code,
                         fmt::format("the records were taken, but their letters are still there: "
                                     "{}",
                                     removed.error().message)});
    }
    done_(outcome_);
  }

 private:
  Delivery& delivery_;
  std::vector<std::int64_t> taken_;
  ReplayOutcome outcome_;
  std::function<void(Result<ReplayOutcome>)> done_;
  std::mutex mutex_;
  std::size_t left_;
  Result<void> refusal_;
};

}  // namespace

void replay(Delivery& delivery, std::uint64_t run, const std::vector<std::int64_t>& letters,
            const MakePipeline& make_pipeline, std::function<void(Result<ReplayOutcome>)> done) {
  ReplayOutcome outcome;
  std::vector<std::int64_t> taken;
  std::map<std::string, RunReport> reports;  // by instance: each record is booked for its own
  for (const auto id : letters) {
    const auto letter = delivery.dead_letters().get(id);
    if (!letter) {
      outcome.refused.push_back({id, letter.error().message});
      continue;
    }
    auto output = take(*letter, make_pipeline);
    if (!output) {
      outcome.refused.push_back({id, output.error().message});
      continue;
    }
    taken.push_back(id);
    auto& report = reports[letter->instance];
    report.run = run;
    report.instance = letter->instance;
    report.plugin = letter->plugin;
    report.output.collected += output->collected;
    for (auto& record : output->records) report.output.records.push_back(std::move(record));
    for (const auto& [reason, count] : output->dropped_by) {
      report.output.dropped_by[reason] += count;
    }
  }
  outcome.replayed = taken.size();
  if (reports.empty()) return done(outcome);
  const auto last = std::make_shared<Last>(delivery, std::move(taken), std::move(outcome),
                                           std::move(done), reports.size());
  for (auto& [instance, report] : reports) {
    delivery.accept(std::move(report),
                    [last](const Result<void>& accepted) { last->one_is(accepted); });
  }
}

}  // namespace unity::host
