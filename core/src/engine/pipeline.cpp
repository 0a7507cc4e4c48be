#include "unity/core/engine/pipeline.hpp"

#include "unity/core/json/record_reader.hpp"
#include "unity/core/json/record_writer.hpp"

namespace unity {

PipelineOutput Pipeline::process(const std::vector<Emission>& emissions,
                                 const RunContext& context) {
  PipelineOutput out;
  for (const auto& emission : emissions) {
    auto moment = context;
    if (emission.emitted != Instant{}) moment.began = emission.emitted;
    json::ReadRecords read;
    if (out.collected < json::kRecordsMax) {
      json::read_records(emission, read);
    } else {
      read.unreadable.push_back({"the run emitted too many records; this batch is lost", {}});
    }
    out.collected += read.records.size() + read.unreadable.size();
    for (auto& bad : read.unreadable) {
      out.rejected.push_back({"unreadable", std::move(bad.detail), std::move(bad.text)});
    }
    out.records.reserve(out.records.size() + read.records.size());
    for (auto& record : read.records) {
      record.time = emission.time;
      pass(std::move(record), moment, out);
    }
  }
  return out;
}

void Pipeline::pass(Record&& record, const RunContext& context, PipelineOutput& out) {
  record.origin = origin_;
  for (const auto& stage : stages_) {
    auto verdict = stage->process(record, context);
    switch (verdict.action) {
      case Verdict::Action::keep:
        break;
      case Verdict::Action::drop:
        ++out.dropped_by[verdict.reason];
        return;
      case Verdict::Action::reject:
        out.rejected.push_back(
            {std::move(verdict.reason), std::move(verdict.detail), json::to_json(record)});
        return;
    }
  }
  out.records.push_back(std::move(record));
}

}  // namespace unity
