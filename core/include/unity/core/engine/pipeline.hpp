// What one run emitted, through the stages of its instance, to records that storage can take.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "unity/core/model/manifest.hpp"
#include "unity/core/model/record.hpp"
#include "unity/core/ports/collector.hpp"
#include "unity/core/ports/processor.hpp"
#include "unity/core/processors/row_maker.hpp"
#include "unity/core/processors/selector.hpp"

namespace unity {

// A record that was refused, as it will be kept aside.
struct RejectedRecord {
  std::string reason;       // a word or two, for counting
  std::string detail;       // a sentence for people
  std::string payload;      // the record's JSON, as it was emitted and with its time
  std::string metric = {};  // empty if the record could not be read
  std::string stage = {};   // who refused it
  std::shared_ptr<const Origin> origin = {};
};

struct PipelineOutput {
  std::uint64_t collected = 0;  // records emitted: kept + rejected + dropped
  std::vector<Record> records;
  std::vector<RejectedRecord> rejected;
  std::map<std::string, std::uint64_t> dropped_by;  // reason -> records
};

// Watches records on their way, for people who want to see what each stage does.
class PipelineObserver {
 public:
  virtual ~PipelineObserver() = default;
  // The record as it was read, before the first stage.
  virtual void read(const Record& record) = 0;
  // What did not become a record.
  virtual void unreadable(const RejectedRecord& rejected) = 0;
  // The record as the stage left it, and what the stage decided. `number` counts from 1.
  virtual void passed(std::size_t number, const std::string& stage, const Record& record,
                      const Verdict& verdict) = 0;
};

// Belongs to one collector instance and is used by one thread at a time.
class Pipeline {
 public:
  struct Stage {
    std::string name;
    std::unique_ptr<Processor> processor;
    Selector select = {};
  };

  Pipeline(std::shared_ptr<const Origin> origin, std::vector<Stage> stages);

  // Rows of the manifest's datasets are taken from now on. They pass no stage; what of them is a
  // series as well becomes a record, made by the host, that passes all of them. `names_device`: a
  // row may say which machine it speaks of.
  void take_rows(std::shared_ptr<const Manifest> manifest, bool names_device);
  // Records that have passed all stages fill these datasets as well.
  void fill_datasets(std::vector<RowMaker> makers) { makers_ = std::move(makers); }

  PipelineOutput process(const std::vector<Emission>& emissions, const RunContext& context,
                         PipelineObserver* observer = nullptr);

  std::vector<std::string> stage_names() const;

  // What the stages must know after a restart, as text for restore(); empty if there is nothing.
  std::string save() const;
  // Stages are known by name and place; what belongs to none of them is left aside.
  void restore(std::string_view saved);

  // Of all stages, since the pipeline was made.
  std::vector<Condition> conditions() const;

 private:
  struct Entry {
    Stage stage;
    std::string key;  // its name, and its number if there are several of that name
    bool takes_all_records;
  };

  void read(const Emission& emission, const RunContext& context, PipelineOutput& out,
            PipelineObserver* observer);
  void read_rows(const Emission& emission, const RunContext& context, PipelineOutput& out,
                 PipelineObserver* observer);
  // After a record that was kept, which is the last of them.
  void fill_datasets(std::vector<Record>& records);
  void derive_metric(const DatasetSpec& dataset, const Record& row, const RunContext& context,
                     PipelineOutput& out, PipelineObserver* observer);
  // Through all stages, until one ends it. What is rejected lacks its payload yet.
  Verdict::Action pass(Record& record, const RunContext& context, PipelineOutput& out,
                       PipelineObserver* observer);
  static void refuse(RejectedRecord rejected, PipelineOutput& out, PipelineObserver* observer);

  std::shared_ptr<const Origin> origin_;
  std::vector<Entry> stages_;
  std::shared_ptr<const Manifest> manifest_;
  bool names_device_ = false;
  std::vector<RowMaker> makers_;
  std::size_t expected_ = 0;  // records of an emission, going by the one before
};

}  // namespace unity
