#include "app/replay.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/wall_clock.hpp"
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

}  // namespace

void replay(Delivery& delivery, std::uint64_t run, const std::vector<std::int64_t>& letters,
            const MakePipeline& make_pipeline, std::function<void(Result<ReplayOutcome>)> done) {
  ReplayOutcome outcome;
  std::vector<std::int64_t> taken;
  RunReport report;
  report.run = run;
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
    report.instance = letter->instance;
    report.plugin = letter->plugin;
    report.output.collected += output->collected;
    for (auto& record : output->records) report.output.records.push_back(std::move(record));
    for (const auto& [reason, count] : output->dropped_by) {
      report.output.dropped_by[reason] += count;
    }
  }
  outcome.replayed = taken.size();
  delivery.accept(std::move(report), [&delivery, taken = std::move(taken),
                                      outcome = std::move(outcome),
                                      done = std::move(done)](const Result<void>& accepted) {
    if (!accepted) return done(accepted.error());
    if (const auto removed = delivery.dead_letters().remove_replayed(taken); !removed) {
      return done(Error{removed.error().code,
                        fmt::format("the records were taken, but their letters are still there: {}",
                                    removed.error().message)});
    }
    done(outcome);
  });
}

}  // namespace unity::host
