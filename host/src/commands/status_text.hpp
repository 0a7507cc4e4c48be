// The host's answer to "status" as text for people. Pure: what is shown follows from the JSON,
// which docs/operations.md documents. What a host of another version leaves out is not shown.
#pragma once

#include <string>
#include <string_view>

#include "unity/core/base/result.hpp"
#include "unity/core/json/value.hpp"

namespace unity::host {

inline constexpr std::size_t kStatusWidth = 100;

// The whole host on one screen, the most important first.
std::string status_screen(const json::Value& status);
// Its parts, in the order in which they are shown; each may be empty.
std::string status_headline(const json::Value& status);
std::string status_problems(const json::Value& status);
std::string status_storages(const json::Value& status);
std::string status_totals(const json::Value& status);
std::string status_collectors(const json::Value& status);

// All about one collector. Errc::not_found, with the nearest id.
Result<std::string> status_of_instance(const json::Value& status, std::string_view id);

}  // namespace unity::host
