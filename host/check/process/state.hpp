// What belongs to the whole process and not to any guest of it.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace unity::check {

// Each fact by its name, in words: "the working folder" -> "/tmp".
using ProcessState = std::map<std::string, std::string>;

ProcessState process_state();

// "the umask is 0077 instead of 0022", one for each fact that differs.
std::vector<std::string> differences(const ProcessState& before, const ProcessState& after);

}  // namespace unity::check
