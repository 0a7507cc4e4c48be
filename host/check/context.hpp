// What every check is given: the plugin's file as it was read once, and what it was told.
#pragma once

#include <filesystem>
#include <string>

#include "check/options.hpp"
#include "check/shared_page.hpp"
#include "check/verdict.hpp"

namespace unity::check {

struct Context {
  std::filesystem::path path;
  std::string image;  // the whole file
  Options options;
  SharedPage* page = nullptr;
};

// Adds what it finds; may crash or hang with the plugin. One check a process.
using Check = void(const Context&, Findings&);

// Null if no rule has this id.
Check* find_check(std::string_view rule_id);

}  // namespace unity::check
