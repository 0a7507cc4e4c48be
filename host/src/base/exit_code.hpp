// Exit codes of the CLI and the daemon, as documented in docs/operations.md.
#pragma once

#include "unity/core/base/result.hpp"

namespace unity::host {

enum ExitCode : int {
  kExitDone = 0,
  kExitFailed = 1,
  kExitUsage = 2,
  kExitDifferences = 3,
  kExitRefused = 4,
  kExitUnavailable = 69,
  kExitTryAgain = 75,
  kExitNotPermitted = 77,
  kExitBadConfig = 78,
};

inline int exit_code_of(const Error& error) {
  switch (error.code) {
    case Errc::refused:
      return kExitRefused;
    case Errc::unavailable:
    case Errc::not_found:
      return kExitUnavailable;
    case Errc::invalid:
    case Errc::internal:
      return kExitFailed;
  }
  return kExitFailed;
}

}  // namespace unity::host
