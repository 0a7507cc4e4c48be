// What one run emitted, through the stages of its instance, to records that storage can take.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "unity/core/model/record.hpp"
#include "unity/core/ports/collector.hpp"
#include "unity/core/ports/processor.hpp"

namespace unity {

// A record that was refused, as it will be kept aside.
struct RejectedRecord {
  std::string reason;   // a word or two, for counting
  std::string detail;   // a sentence for people
  std::string payload;  // the record's JSON
};

struct PipelineOutput {
  std::uint64_t collected = 0;  // records emitted: kept + rejected + dropped
  std::vector<Record> records;
  std::vector<RejectedRecord> rejected;
  std::map<std::string, std::uint64_t> dropped_by;  // reason -> records
};

// Belongs to one collector instance and is used by one thread at a time.
class Pipeline {
 public:
  Pipeline(std::shared_ptr<const Origin> origin, std::vector<std::unique_ptr<Processor>> stages)
      : origin_(std::move(origin)), stages_(std::move(stages)) {}

  PipelineOutput process(const std::vector<Emission>& emissions, const RunContext& context);

 private:
  void pass(Record&& record, const RunContext& context, PipelineOutput& out);

  std::shared_ptr<const Origin> origin_;
  std::vector<std::unique_ptr<Processor>> stages_;
};

}  // namespace unity
