// The part of a pipeline that rows of datasets take.
#include <fmt/format.h>

#include "unity/core/engine/pipeline.hpp"
#include "unity/core/json/row_reader.hpp"
#include "unity/core/json/stored_record.hpp"

namespace unity {
namespace {

std::string tag_text(const FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  return {};
}

}  // namespace

void Pipeline::take_rows(std::shared_ptr<const Manifest> manifest, bool names_device) {
  manifest_ = std::move(manifest);
  names_device_ = names_device;
}

void Pipeline::read_rows(const Emission& emission, const RunContext& context, PipelineOutput& out,
                         PipelineObserver* observer) {
  const auto time = emission.time != Time{} ? emission.time : context.started;
  const auto* dataset = manifest_ ? manifest_->find_dataset(emission.dataset) : nullptr;
  if (dataset == nullptr) {  // a letter that is replayed after its plugin has changed
    ++out.collected;
    return refuse(
        {"undeclared", fmt::format("the plugin declares no dataset \"{}\"", emission.dataset),
         json::to_letter_json(emission.dataset, time, emission.text), emission.dataset, "read",
         origin_},
        out, observer);
  }
  const json::RowOptions options{time, names_device_};
  std::shared_ptr<const Origin> other;  // of the last row that named a machine
  json::read_rows(emission, *dataset, options, [&](json::ReadRow&& row) {
    ++out.collected;
    if (!row.reason.empty()) {
      return refuse(
          {std::move(row.reason), std::move(row.detail),
           json::to_letter_json(dataset->name, time, row.text), dataset->name, "read", origin_},
          out, observer);
    }
    auto& record = row.record;
    record.origin = origin_;
    if (!row.device.empty() && row.device != origin_->device) {
      if (!other || other->device != row.device) {
        other = std::make_shared<const Origin>(
            Origin{std::move(row.device), origin_->plugin, origin_->instance});
      }
      record.origin = other;
    }
    if (observer != nullptr) observer->read(record);
    if (dataset->has_metrics()) derive_metric(*dataset, record, context, out, observer);
    out.records.push_back(std::move(record));
  });
}

void Pipeline::fill_datasets(std::vector<Record>& records) {
  std::vector<Record> rows;
  for (auto& maker : makers_) {
    if (auto row = maker.row_from(records.back())) rows.push_back(std::move(*row));
  }
  for (auto& row : rows) records.push_back(std::move(row));
}

// A record that a stage drops or refuses here was never emitted: it is nobody's loss, and the row
// is kept.
void Pipeline::derive_metric(const DatasetSpec& dataset, const Record& row,
                             const RunContext& context, PipelineOutput& out,
                             PipelineObserver* observer) {
  Record record;
  record.origin = row.origin;
  record.metric = row.metric;
  record.time = row.time;
  record.host_made = true;
  for (const auto& field : row.fields) {
    const auto* column = dataset.find(field.name.text());
    if (dataset.is_identity(column->name)) record.tags.set(column->name, tag_text(field.value));
    if (!column->metric) continue;
    record.fields.push_back({field.name, field.value, *column->metric, Name(column->unit)});
  }
  if (record.fields.empty()) return;
  PipelineOutput aside;
  if (pass(record, context, aside, observer) == Verdict::Action::keep) {
    out.records.push_back(std::move(record));
    fill_datasets(out.records);
  }
}

}  // namespace unity
