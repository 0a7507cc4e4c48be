#include "runtime/taps.hpp"

#include <algorithm>

#include "unity/core/json/stored_record.hpp"
#include "unity/core/json/value.hpp"

namespace unity::host {
namespace {

constexpr std::string_view kRead = "read";

std::string_view to_text(Verdict::Action action) {
  switch (action) {
    case Verdict::Action::keep:
      return "keep";
    case Verdict::Action::drop:
      return "drop";
    case Verdict::Action::reject:
      return "reject";
  }
  return "keep";
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += out.back() == '{' ? "\"" : ",\"";
  out += name;
  out += "\":";
  json::append_quoted(out, text);
}

}  // namespace

class Taps::Observer : public PipelineObserver {
 public:
  Observer(std::string instance, std::vector<std::shared_ptr<const Tap>> taps)
      : instance_(std::move(instance)), taps_(std::move(taps)) {}

  void read(const Record& record) override { tell(kRead, Verdict::keep(), &record); }
  void unreadable(const RejectedRecord& rejected) override {
    tell(kRead, Verdict::reject(rejected.reason, rejected.detail), nullptr);
  }
  void passed(std::size_t, const std::string& stage, const Record& record,
              const Verdict& verdict) override {
    tell(stage, verdict, &record);
  }

 private:
  void tell(std::string_view stage, const Verdict& verdict, const Record* record) {
    std::string line;
    for (const auto& tap : taps_) {
      if (!tap->request.stage.empty() && tap->request.stage != stage) continue;
      if (line.empty()) line = to_line(stage, verdict, record);
      tap->sink(line);
    }
  }
  std::string to_line(std::string_view stage, const Verdict& verdict, const Record* record) const {
    std::string line = "{";
    append_member(line, "instance", instance_);
    append_member(line, "stage", stage);
    append_member(line, "action", to_text(verdict.action));
    if (!verdict.reason.empty()) append_member(line, "reason", verdict.reason);
    if (!verdict.detail.empty()) append_member(line, "detail", verdict.detail);
    if (record != nullptr) line += ",\"record\":" + json::to_stored_json(*record);
    return line + "}\n";
  }

  std::string instance_;
  std::vector<std::shared_ptr<const Tap>> taps_;
};

std::uint64_t Taps::add(TapRequest request, Sink sink) {
  const std::lock_guard lock(mutex_);
  const auto id = next_id_++;
  taps_.push_back(std::make_shared<const Tap>(Tap{id, std::move(request), std::move(sink)}));
  count_ = taps_.size();
  return id;
}

void Taps::remove(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(taps_, [id](const auto& tap) { return tap->id == id; });
  count_ = taps_.size();
}

std::unique_ptr<PipelineObserver> Taps::observe(const std::string& instance) const {
  if (count_ == 0) return nullptr;
  std::vector<std::shared_ptr<const Tap>> taps;
  {
    const std::lock_guard lock(mutex_);
    std::copy_if(taps_.begin(), taps_.end(), std::back_inserter(taps), [&](const auto& tap) {
      return tap->request.instance.empty() || tap->request.instance == instance;
    });
  }
  if (taps.empty()) return nullptr;
  return std::make_unique<Observer>(instance, std::move(taps));
}

}  // namespace unity::host
