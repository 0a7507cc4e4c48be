#include "stages.hpp"

namespace unity {
namespace {

class Summary : public Processor {
 public:
  Verdict process(Record& record, const RunContext&) override {
    if (!record.summary.empty()) {
      record.fields.push_back(
          {std::string(kSummary), std::move(record.summary), Kind::text, std::string()});
      record.summary.clear();
    }
    return Verdict::keep();
  }
};

}  // namespace

StageMaker read_summary(Options&) {
  return [](StageBuild&) { return std::make_unique<Summary>(); };
}

}  // namespace unity
