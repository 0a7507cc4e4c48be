// Reads text as if a collector had emitted it.
#pragma once

#include <string>
#include <utility>

#include "unity/core/json/record_reader.hpp"

namespace unity::json {

inline ReadRecords read_as(Emission::Format format, std::string text) {
  ReadRecords out;
  read_records({format, std::move(text), {}}, out);
  return out;
}
inline ReadRecords read_lines(std::string text) {
  return read_as(Emission::Format::ndjson, std::move(text));
}
inline ReadRecords read_array(std::string text) {
  return read_as(Emission::Format::json_array, std::move(text));
}

}  // namespace unity::json
