// Two datasets: market_data has a row for each symbol and time, price_jumps one for each event.
#include <cmath>
#include <map>
#include <random>
#include <string>

#include "unity/plugin.hpp"
#include "unity_manifest.h"

namespace {

class Market {
 public:
  Market(unity::sdk::Host host, const unity::sdk::Options& options)
      : market_data_(host.dataset("market_data")),
        price_jumps_(host.dataset("price_jumps")),
        jump_percent_(options.number("jump_percent")) {
    for (const auto& symbol : options.strings("symbols")) prices_[symbol] = 100;
  }

  void collect(unity::sdk::Call call) {
    rows_.clear();
    jumps_.clear();
    for (auto& [symbol, price] : prices_) {
      const double percent = change_(random_);
      price *= 1 + percent / 100;
      // Rows without a time have that of the run.
      rows_.row()
          .value("symbol", symbol)
          .value("source", "random")
          .value("price", price)
          .value("volume", volume_(random_));
      if (std::fabs(percent) <= jump_percent_) continue;
      unity::sdk::Rows details;
      details.row().value("price", price).value("limit", jump_percent_);
      jumps_.row()
          .value("symbol", symbol)
          .value("percent", percent)
          .json("details", std::string_view(details.text()).substr(0, details.text().size() - 1));
    }
    call.emit(market_data_, rows_);
    call.emit(price_jumps_, jumps_);
  }

 private:
  std::uint32_t market_data_;
  std::uint32_t price_jumps_;
  double jump_percent_;
  std::map<std::string, double> prices_;
  std::mt19937 random_{std::random_device()()};
  std::normal_distribution<double> change_{0, 1};
  std::uniform_int_distribution<std::int64_t> volume_{1, 1000};
  unity::sdk::Rows rows_;
  unity::sdk::Rows jumps_;
};

}  // namespace

UNITY_PLUGIN(unity::sdk::polled<Market>("market"))
