// The signals that a thread brings upon itself.
#pragma once

#include <array>
#include <csignal>

namespace unity::host {

inline constexpr std::array kFaultSignals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};

}  // namespace unity::host
