// The units that have a name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/units/units.hpp"

namespace unity::units {

// By canonical name or alias; null if there is none.
const Unit* find_unit(std::string_view name);
// Every name and alias, for suggestions.
const std::vector<std::string>& all_names();
// What to write instead of a name that means different things to different people; or nothing.
std::optional<std::string> advice_for(std::string_view name);
// "time", "data rate", "power"; empty if the quantity has no name here.
std::string_view quantity_of(const Dimension& dimension);

}  // namespace unity::units
