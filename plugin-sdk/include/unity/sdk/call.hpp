// What the host offers during one call, on the thread that entered the plugin.
#pragma once

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <string_view>

#include "unity/plugin.h"
#include "unity/sdk/failure.hpp"
#include "unity/sdk/records.hpp"
#include "unity/sdk/rows.hpp"

namespace unity::sdk {
inline namespace v1 {

namespace detail {

inline unity_batch batch_of(std::string_view text, std::uint32_t format, std::uint32_t dataset,
                            std::string_view checkpoint) {
  unity_batch batch{};
  batch.struct_size = sizeof batch;
  batch.dataset = dataset;
  batch.format = format;
  batch.data = to_abi(text);
  batch.checkpoint = to_abi(checkpoint);
  return batch;
}

}  // namespace detail

class Call {
 public:
  // `warned` outlives this object and is set by warn().
  Call(unity_call* call, bool* warned) : call_(call), warned_(warned) {}

  // Stages the records; they are committed when collect() returns normally. A checkpoint becomes
  // durable only once they are, and is then what the next create() gets.
  void emit(const Records& records, std::string_view checkpoint = {}) {
    emit(UNITY_DATASET_METRICS, records, checkpoint);
  }
  // `dataset`: from Host::dataset().
  void emit(std::uint32_t dataset, const Records& records, std::string_view checkpoint = {}) {
    if (records.empty() && checkpoint.empty()) return;
    stage(detail::batch_of(records.text(), UNITY_FORMAT_NDJSON, dataset, checkpoint));
  }
  // Rows of a dataset, by the form that the manifest gives it.
  void emit(std::uint32_t dataset, const Rows& rows, std::string_view checkpoint = {}) {
    if (rows.empty() && checkpoint.empty()) return;
    stage(detail::batch_of(rows.text(), UNITY_FORMAT_NDJSON, dataset, checkpoint));
  }
  // Stages JSON text that the plugin wrote itself, one record a line or one JSON array.
  void emit_text(std::string_view text, std::uint32_t format) {
    stage(detail::batch_of(text, format, UNITY_DATASET_METRICS, {}));
  }

  // Something is missing from this run: what is emitted counts, and the host shows the instance
  // as degraded with this reason. The last one wins.
  void warn(std::string_view message, std::string_view code = {}) {
    unity_error error{};
    error.struct_size = sizeof error;
    error.message = to_abi(message);
    error.code = to_abi(code);
    call_->api->fail(call_, &error);
    *warned_ = true;
  }

  bool is_cancelled() const { return call_->api->is_cancelled(call_) != 0; }
  // For long loops: ends the call if the host has cancelled it.
  void end_if_cancelled() const {
    if (is_cancelled()) throw Failure(UNITY_E_CANCELLED, "unity.cancelled", "cancelled");
  }
  // Waits for that long, but not longer than until the call is cancelled; says whether it is.
  bool cancelled_within(std::chrono::nanoseconds patience) const {
    using std::chrono::nanoseconds, std::chrono::seconds;
    pollfd cancelled{cancel_fd(), POLLIN, 0};
    // Without a descriptor there is nothing to wait for: then look now and then.
    const auto most = cancelled.fd < 0 ? nanoseconds(std::chrono::milliseconds(100)) : patience;
    while (patience > nanoseconds::zero() && !is_cancelled()) {
      const auto wait = std::min(patience, most);
      const auto whole = std::chrono::duration_cast<seconds>(wait);
      const timespec time{static_cast<std::time_t>(whole.count()),
                          static_cast<long>((wait - whole).count())};
      ::ppoll(&cancelled, 1, &time, nullptr);
      patience -= wait;
    }
    return is_cancelled();
  }
  // Readable once the call is cancelled: poll it beside descriptors of your own. Do not close it.
  // -1 if the host has none left: then ask is_cancelled() now and then.
  int cancel_fd() const { return call_->api->cancel_fd(call_); }
  // On Host::now_mono_ns()'s clock; 0 if there is none.
  std::uint64_t deadline_mono_ns() const { return call_->api->deadline_mono_ns(call_); }

 private:
  void stage(const unity_batch& batch) {
    detail::require(call_->api->emit(call_, &batch), "unity.emit", "the host refused a batch");
  }

  unity_call* call_;
  bool* warned_;
};

}  // namespace v1
}  // namespace unity::sdk
