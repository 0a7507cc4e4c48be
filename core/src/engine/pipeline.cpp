#include "unity/core/engine/pipeline.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "unity/core/engine/recycle.hpp"
#include "unity/core/json/record_reader.hpp"
#include "unity/core/json/record_writer.hpp"
#include "unity/core/json/value.hpp"

namespace unity {

namespace {

// Room for records is made ahead up to this number.
constexpr std::size_t kExpectedMax = 1024;

// What stands in the dead letter: the record before any stage, so that a replay passes all of them
// once. A record without a time of its own gets the one that it would have had.
void describe(const json::RecordReader& reader, const Emission& emission, const RunContext& context,
              RejectedRecord& rejected) {
  auto record = reader.emitted();
  if (record.time_text.empty()) {
    record.time = emission.time != Time{} ? emission.time : context.started;
  }
  rejected.payload = json::to_json(record);
  rejected.metric = std::move(record.metric);
}

}  // namespace

Pipeline::Pipeline(std::shared_ptr<const Origin> origin, std::vector<Stage> stages)
    : origin_(std::move(origin)) {
  std::map<std::string, int> numbers;
  for (auto& stage : stages) {
    const int number = ++numbers[stage.name];
    auto key = number == 1 ? stage.name : fmt::format("{} {}", stage.name, number);
    const bool all = stage.select.takes_all_records();
    stages_.push_back({std::move(stage), std::move(key), all});
  }
}

PipelineOutput Pipeline::process(const std::vector<Emission>& emissions, const RunContext& context,
                                 PipelineObserver* observer) {
  PipelineOutput out;
  for (const auto& emission : emissions) {
    auto moment = context;
    moment.emitted = context.started;
    if (emission.emitted != Instant{}) {
      using std::chrono::microseconds;
      moment.emitted += std::chrono::floor<microseconds>(emission.emitted - context.began);
      moment.began = emission.emitted;
    }
    if (out.collected < json::kRecordsMax) {
      emission.dataset.empty() ? read(emission, moment, out, observer)
                               : read_rows(emission, moment, out, observer);
    } else {
      ++out.collected;
      refuse({"unreadable",
              "the run emitted too many records; this batch is lost",
              {},
              {},
              "read",
              origin_},
             out, observer);
    }
  }
  return out;
}

void Pipeline::read(const Emission& emission, const RunContext& context, PipelineOutput& out,
                    PipelineObserver* observer) {
  using Next = json::RecordReader::Next;
  json::RecordReader reader(emission);
  json::UnreadableRecord bad;
  // Records are filled where they stay; the last one is always spare.
  out.records.reserve(out.records.size() + expected_ + 1);
  const auto before = out.records.size();
  append_recycled(out.records);
  for (auto next = reader.next(out.records.back(), bad); next != Next::end;
       next = reader.next(out.records.back(), bad)) {
    ++out.collected;
    if (next == Next::unreadable) {
      refuse({"unreadable", std::move(bad.detail), std::move(bad.text), {}, "read", origin_}, out,
             observer);
      continue;
    }
    auto& record = out.records.back();
    record.origin = origin_;
    record.time = emission.time;
    const auto action = pass(record, context, out, observer);
    if (action == Verdict::Action::reject) describe(reader, emission, context, out.rejected.back());
    if (action != Verdict::Action::keep) continue;
    if (!makers_.empty()) fill_datasets(out.records);
    append_recycled(out.records);
  }
  recycle(std::move(out.records.back()));
  out.records.pop_back();
  expected_ = std::min(out.records.size() - before, kExpectedMax);
}

void Pipeline::refuse(RejectedRecord rejected, PipelineOutput& out, PipelineObserver* observer) {
  out.rejected.push_back(std::move(rejected));
  if (observer != nullptr) observer->unreadable(out.rejected.back());
}

Verdict::Action Pipeline::pass(Record& record, const RunContext& context, PipelineOutput& out,
                               PipelineObserver* observer) {
  if (observer != nullptr) observer->read(record);
  std::size_t number = 0;
  for (const auto& entry : stages_) {
    ++number;
    if (!entry.takes_all_records && !entry.stage.select.takes(record)) continue;
    auto verdict = entry.stage.processor->process(record, context);
    if (observer != nullptr) observer->passed(number, entry.stage.name, record, verdict);
    switch (verdict.action) {
      case Verdict::Action::keep:
        break;
      case Verdict::Action::drop:
        ++out.dropped_by[verdict.reason];
        return verdict.action;
      case Verdict::Action::reject:
        out.rejected.push_back({std::move(verdict.reason),
                                std::move(verdict.detail),
                                {},
                                {},
                                entry.stage.name,
                                origin_});
        return verdict.action;
    }
  }
  return Verdict::Action::keep;
}

std::vector<std::string> Pipeline::stage_names() const {
  std::vector<std::string> names;
  for (const auto& entry : stages_) names.push_back(entry.stage.name);
  return names;
}

std::string Pipeline::save() const {
  json::Object saved;
  for (const auto& entry : stages_) {
    if (auto text = entry.stage.processor->save(); !text.empty()) {
      saved.emplace_back(entry.key, std::move(text));
    }
  }
  return saved.empty() ? std::string() : json::dump(std::move(saved));
}

void Pipeline::restore(std::string_view saved) {
  const auto document = json::parse(saved);
  if (!document) return;
  for (const auto& entry : stages_) {
    const auto* value = document->find(entry.key);
    const auto* text = value != nullptr ? value->string() : nullptr;
    if (text != nullptr) entry.stage.processor->restore(*text);
  }
}

std::vector<Condition> Pipeline::conditions() const {
  std::vector<Condition> all;
  for (const auto& entry : stages_) {
    for (auto& condition : entry.stage.processor->conditions()) all.push_back(std::move(condition));
  }
  return all;
}

}  // namespace unity
