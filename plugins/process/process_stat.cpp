#include "process/process_stat.hpp"

#include <algorithm>

#include "support/text.hpp"

namespace unity::plugins::process {

bool parse_process_stat(std::string_view text, ProcessStat& out) {
  // "123 (name) S 1 ...": the name may hold blanks, line ends and parentheses of its own, but
  // after it come numbers only.
  const auto open = text.find(" (");
  const auto close = text.rfind(") ");
  if (open == text.npos || close == text.npos || close < open + 2) return false;
  if (!parse_number(text.substr(0, open), out.pid)) return false;
  out.name = text.substr(open + 2, close - open - 2);

  Fields fields(text.substr(close + 2));
  const auto state = fields.next();
  if (state.size() != 1) return false;
  out.state = state.front();
  fields.skip(10);  // up to cmajflt
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  std::int64_t rss = 0;
  if (!parse_number(fields.next(), user) || !parse_number(fields.next(), system)) return false;
  fields.skip(4);  // the times of children, priority, nice
  if (!parse_number(fields.next(), out.threads)) return false;
  fields.skip(1);  // itrealvalue
  if (!parse_number(fields.next(), out.start_ticks)) return false;
  fields.skip(1);  // vsize
  if (!parse_number(fields.next(), rss)) return false;
  out.cpu_ticks = user + system;
  // The kernel sums it up from counters of several cores, which may be below zero for a moment.
  out.rss_pages = static_cast<std::uint64_t>(std::max<std::int64_t>(rss, 0));
  return true;
}

}  // namespace unity::plugins::process
