// Counts rows for whoever watches.
#pragma once

#include "unity/db/transfer.hpp"

namespace unity::db::transfer {

class ProgressMeter {
 public:
  ProgressMeter(const OnTransferProgress& progress, std::string_view doing, std::uint64_t total)
      : progress_(progress), now_{doing, {}, 0, total, false} {}

  void begin_table(std::string_view table) { now_.table = table; }
  void count(std::uint64_t rows) {
    now_.rows += rows;
    if ((since_told_ += rows) >= kEvery) tell();
  }
  void end_table() {
    now_.table_done = true;
    tell();
    now_.table_done = false;
  }

 private:
  static constexpr std::uint64_t kEvery = 1000;

  void tell() {
    since_told_ = 0;
    if (progress_) progress_(now_);
  }

  const OnTransferProgress& progress_;
  TransferProgress now_;
  std::uint64_t since_told_ = 0;
};

}  // namespace unity::db::transfer
