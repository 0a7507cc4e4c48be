#include "unity/core/ports/collector.hpp"

namespace unity {

std::string_view to_text(RunClass run_class) {
  switch (run_class) {
    case RunClass::ok:
      return "ok";
    case RunClass::partial:
      return "partial";
    case RunClass::transient:
      return "transient";
    case RunClass::timeout:
      return "timeout";
    case RunClass::config:
      return "config";
    case RunClass::auth:
      return "auth";
    case RunClass::permanent:
      return "permanent";
    case RunClass::cancelled:
      return "cancelled";
    case RunClass::internal:
      return "internal";
    case RunClass::quarantined:
      return "quarantined";
  }
  return "internal";
}

std::string_view to_text(Trigger trigger) {
  switch (trigger) {
    case Trigger::schedule:
      return "schedule";
    case Trigger::retry:
      return "retry";
    case Trigger::probe:
      return "probe";
    case Trigger::manual:
      return "manual";
  }
  return "manual";
}

}  // namespace unity
