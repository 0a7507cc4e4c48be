#include "unity/core/base/suggest.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace unity {
namespace {

// Levenshtein distance, one row at a time.
std::size_t edits(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
  std::optional<std::string> best;
  std::size_t fewest = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    const auto count = edits(word, candidate);
    // A word that has no letter in its place is no typing mistake, however short.
    if (count < fewest && count < std::max(word.size(), candidate.size())) {
      fewest = count;
      best = candidate;
    }
  }
  return best;
}

}  // namespace unity
