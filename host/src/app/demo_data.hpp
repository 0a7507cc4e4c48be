// Sample data for looking around: a few devices, and a day of what collectors would say of them.
#pragma once

#include <vector>

#include "unity/core/model/record.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::host {

inline constexpr const char* kDemoPlugin = "unity.demo";

PluginInfo demo_plugin();

// Each five minutes of the 24 hours before `end`. What is said of a moment depends on nothing but
// the moment: said again it is the same.
std::vector<Record> demo_records(Time end);

}  // namespace unity::host
