// The zones of the IANA database, as the system has them.
#pragma once

#include <string>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/core/base/time.hpp"

namespace unity {

class TimeZone {
 public:
  // "Europe/Berlin", "UTC". The error names the nearest zone that there is.
  static Result<TimeZone> find(const std::string& name);

  // A wall clock's time in this zone as UTC. Of an hour that comes twice, the first is meant; a
  // time that the clock skips is as far behind the moment of the change as it claims.
  Time to_utc(std::chrono::local_time<std::chrono::microseconds> local) const;

 private:
  explicit TimeZone(const void* zone) : zone_(zone) {}
  const void* zone_;  // of the database, which lives as long as the process
};

}  // namespace unity
