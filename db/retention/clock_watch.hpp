// Whether the wall clock can be trusted with what cannot be undone: one that has leapt must first
// go on steadily.
#pragma once

#include <optional>

#include "unity/core/base/time.hpp"

namespace unity::db {

// Pure: told both times. One thread.
class ClockWatch {
 public:
  // So far it may go on between two looks.
  static constexpr std::chrono::hours kLeap{24};
  // So far it may go back, or differ from the steady clock while it is watched: clocks are set
  // right, and hosts differ.
  static constexpr std::chrono::minutes kTolerance{1};
  // How long it must be steady after a leap, by the steady clock.
  static constexpr std::chrono::hours kProbation{1};

  // When somebody last looked, as far as is known. True if it has leapt since.
  bool look(std::optional<Time> last, Time now, Instant steady) {
    const bool leapt = last && (now - *last > kLeap || *last - now > kTolerance);
    if (leapt || (watched_ && is_off(now, steady))) {
      watched_ = {now, steady};
    } else if (watched_ && steady - watched_->steady >= kProbation) {
      watched_.reset();
    }
    return leapt;
  }
  bool is_trusted() const { return !watched_; }

 private:
  struct Moment {
    Time wall{};
    Instant steady{};
  };

  bool is_off(Time now, Instant steady) const {
    const auto difference = (now - watched_->wall) - (steady - watched_->steady);
    return difference > kTolerance || difference < -kTolerance;
  }

  std::optional<Moment> watched_;  // since when; nothing: trusted
};

}  // namespace unity::db
