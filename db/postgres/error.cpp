#include "postgres/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace unity::db::postgres {
namespace {

std::string_view advice(std::string_view state) {
  if (state.starts_with("28")) return "correct database.username or database.password";
  if (state == "3D000") return "create it with createdb, or correct database.database";
  if (state == "42501") return "grant the host's role what it needs, or make it the owner";
  if (state == "42P01" || state == "42703") {
    return "the tables are not those that unity made: look at `unity db current`";
  }
  if (state == "25006") return "the server is a read-only standby: name the primary";
  if (state == "2BP01") return "drop what depends on it, and make it again afterwards";
  if (state == "53300") return "raise max_connections, or lower database.pool_size";
  return {};
}

bool is_code(std::string_view text) {
  return text.size() == 5 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

}  // namespace

Errc classify(std::string_view state) {
  const auto is_one_of = [state](std::initializer_list<std::string_view> starts) {
    return std::any_of(starts.begin(), starts.end(),
                       [state](std::string_view start) { return state.starts_with(start); });
  };
  // 57014: it took longer than statement_timeout.
  if (is_one_of({"08", "25006", "40001", "40P01", "53", "55P03", "57", "58"})) {
    return Errc::unavailable;
  }
  if (is_one_of({"28", "3D", "3F", "42501", "42P01", "42703", "2BP01"})) {
    return Errc::refused;
  }
  if (is_one_of({"22", "23"})) return Errc::invalid;
  return Errc::internal;
}

Error server_error(std::string_view state, std::string_view text, std::string_view doing,
                   std::string_view place) {
  auto message = fmt::format("cannot {} {}: {} (SQLSTATE {})", doing, place, text, state);
  if (const auto what = advice(state); !what.empty()) message += fmt::format("; {}", what);
  return {classify(state), std::move(message)};
}

Refusal parse_refusal(std::string_view message) {
  constexpr std::string_view kBefore = ":  ";  // two spaces follow the severity, whatever its word
  for (auto at = message.find(kBefore); at != message.npos; at = message.find(kBefore, at + 1)) {
    const auto rest = message.substr(at + kBefore.size());
    const auto state = rest.substr(0, 5);
    if (!is_code(state) || !rest.substr(5).starts_with(": ")) continue;
    const auto text = rest.substr(7);
    return {std::string(state), std::string(text.substr(0, text.find('\n')))};
  }
  auto text = message.substr(0, message.find_last_not_of(" \n") + 1);
  std::string one_line(text);
  std::replace(one_line.begin(), one_line.end(), '\n', ' ');
  std::erase(one_line, '\t');
  return {{}, std::move(one_line)};
}

}  // namespace unity::db::postgres
