// What a streaming collector pushes its records through, from any thread, while stream() is
// active. Copies lead to the same stream.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "unity/plugin.h"
#include "unity/sdk/call.hpp"
#include "unity/sdk/failure.hpp"
#include "unity/sdk/records.hpp"

namespace unity::sdk {
inline namespace v1 {

class Stream {
 public:
  explicit Stream(unity_stream* stream) : stream_(stream) {}

  // Hands the records to the host's queue, waiting that long for room. False: the queue stayed
  // full and nothing was taken. Pause the source and try again, or drop the records and count
  // them. A checkpoint becomes durable only once these and all earlier records are.
  [[nodiscard]] bool emit(const Records& records, std::chrono::nanoseconds wait,
                          std::string_view checkpoint = {}) const {
    return emit(UNITY_DATASET_METRICS, records, wait, checkpoint);
  }
  // `dataset`: from Host::dataset().
  [[nodiscard]] bool emit(std::uint32_t dataset, const Records& records,
                          std::chrono::nanoseconds wait, std::string_view checkpoint = {}) const {
    const auto status = try_emit(dataset, records, wait, checkpoint);
    if (status == UNITY_E_AGAIN) return false;
    detail::require(status, "unity.emit", "the host refused a batch of the stream");
    return true;
  }
  // Rows of a dataset, by the form that the manifest gives it.
  [[nodiscard]] bool emit(std::uint32_t dataset, const Rows& rows, std::chrono::nanoseconds wait,
                          std::string_view checkpoint = {}) const {
    const auto status = try_emit(dataset, rows, wait, checkpoint);
    if (status == UNITY_E_AGAIN) return false;
    detail::require(status, "unity.emit", "the host refused a batch of the stream");
    return true;
  }
  // The same for threads of your own, where an exception would end the process.
  [[nodiscard]] unity_status try_emit(std::uint32_t dataset, const Records& records,
                                      std::chrono::nanoseconds wait,
                                      std::string_view checkpoint = {}) const noexcept {
    if (records.empty() && checkpoint.empty()) return UNITY_OK;
    return send(records.text(), dataset, wait, checkpoint);
  }
  [[nodiscard]] unity_status try_emit(std::uint32_t dataset, const Rows& rows,
                                      std::chrono::nanoseconds wait,
                                      std::string_view checkpoint = {}) const noexcept {
    if (rows.empty() && checkpoint.empty()) return UNITY_OK;
    return send(rows.text(), dataset, wait, checkpoint);
  }

  // The source is connected: from now on the host shows the instance as healthy. Say it once.
  void ready() const {
    detail::require(stream_->api->ready(stream_), "unity.ready", "cannot report the stream ready");
  }

 private:
  unity_status send(std::string_view text, std::uint32_t dataset, std::chrono::nanoseconds wait,
                    std::string_view checkpoint) const noexcept {
    const auto batch = detail::batch_of(text, UNITY_FORMAT_NDJSON, dataset, checkpoint);
    const auto wait_ns = wait.count() > 0 ? static_cast<std::uint64_t>(wait.count()) : 0u;
    return stream_->api->emit(stream_, &batch, wait_ns);
  }

  unity_stream* stream_;
};

}  // namespace v1
}  // namespace unity::sdk
