// A part of the configuration as JSON, with where in which file each value stands. For what others
// read: the options of plugins and of stages.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "config/diagnostics.hpp"
#include "unity/core/json/value.hpp"

namespace unity::host {

struct LocatedValue {
  json::Value value;
  // By JSON Pointer; "" is the whole. Of values, and of the keys before them.
  std::map<std::string, Location, std::less<>> places;
  std::map<std::string, Location, std::less<>> key_places;

  // The place of the value that `pointer` names, or of the nearest thing around it: defaults are
  // nowhere in the file, and nor is what is missing. `whole` is what there is around the whole.
  Location locate(std::string_view pointer, const Location& whole) const;
  Location locate_key(std::string_view pointer, const Location& whole) const;
};

}  // namespace unity::host
