#include "worker/runtime/parameters.hpp"

#include "worker/runtime/limits.hpp"

namespace unity::host {

unity_status take_batch(const unity_batch* batch, const std::vector<std::string>& datasets,
                        Emission& emission, std::string& why) {
  if (const auto status = check_parameters(batch); status != UNITY_OK) {
    why = "the batch has a size or a tail that this ABI does not know";
    return status;
  }
  if (batch->flags != 0 ||
      (batch->format != UNITY_FORMAT_JSON_ARRAY && batch->format != UNITY_FORMAT_NDJSON)) {
    why = "unknown format or flags";
    return UNITY_E_INVALID;
  }
  if (batch->dataset != UNITY_DATASET_METRICS) {
    if (batch->dataset > datasets.size()) {
      why = "there is no dataset number " + std::to_string(batch->dataset);
      return UNITY_E_INVALID;
    }
    emission.dataset = datasets[batch->dataset - 1];
  }
  if (batch->checkpoint.len > kCheckpointSizeMax) {
    why = "the checkpoint has " + std::to_string(batch->checkpoint.len) + " bytes, more than " +
          std::to_string(kCheckpointSizeMax);
    return UNITY_E_LIMIT;
  }
  if (batch->data.len > kBatchSizeMax) {
    why = "the batch has " + std::to_string(batch->data.len) + " bytes, more than " +
          std::to_string(kBatchSizeMax);
    return UNITY_E_LIMIT;
  }
  emission.format = batch->format == UNITY_FORMAT_NDJSON ? Emission::Format::ndjson
                                                         : Emission::Format::json_array;
  emission.text = view(batch->data);
  emission.checkpoint = view(batch->checkpoint);
  emission.emitted = std::chrono::steady_clock::now();
  emission.time =
      std::chrono::floor<std::chrono::microseconds>(std::chrono::sys_time<std::chrono::nanoseconds>(
          std::chrono::nanoseconds(batch->time_unix_ns)));
  return UNITY_OK;
}

RunClass class_of(unity_status status) {
  switch (status) {
    case UNITY_PARTIAL:
      return RunClass::partial;
    case UNITY_E_TRANSIENT:
    case UNITY_E_AGAIN:
      return RunClass::transient;
    case UNITY_E_CONFIG:
      return RunClass::config;
    case UNITY_E_AUTH:
      return RunClass::auth;
    case UNITY_E_PERMANENT:
      return RunClass::permanent;
    case UNITY_E_CANCELLED:
      return RunClass::cancelled;
    default:
      return status >= 0 ? RunClass::ok : RunClass::internal;
  }
}

}  // namespace unity::host
