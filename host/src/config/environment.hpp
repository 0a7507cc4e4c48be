// Environment variables as a value, so that tests bring their own.
#pragma once

#include <map>
#include <string>

namespace unity::host {

using Environment = std::map<std::string, std::string, std::less<>>;

// A copy of this process's environment. Call it before there are threads that change it.
Environment process_environment();

}  // namespace unity::host
