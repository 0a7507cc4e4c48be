// The host's log: the only door to spdlog. Only the host logs; the floors below return Results.
// Every function may be called from any thread.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace unity::host {

enum class LogLevel { debug, info, warn, error };
bool parse_log_level(std::string_view text, LogLevel& level);

// Lines go to standard error, one each: time, level, text. Call once, before any thread starts.
void start_logging(LogLevel lowest);
void set_log_level(LogLevel lowest);  // from now on
// From now on lines go to this file instead, and recent_log_lines() remembers the last few: for
// the live view, which owns the terminal. If the file cannot be opened, nothing changes.
void log_to_file(const std::filesystem::path& file);
std::vector<std::string> recent_log_lines();

void write_log(LogLevel level, std::string_view text);

template <class... Args>
void log_debug(fmt::format_string<Args...> text, Args&&... args) {
  write_log(LogLevel::debug, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void log_info(fmt::format_string<Args...> text, Args&&... args) {
  write_log(LogLevel::info, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void log_warn(fmt::format_string<Args...> text, Args&&... args) {
  write_log(LogLevel::warn, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(fmt::format_string<Args...> text, Args&&... args) {
  write_log(LogLevel::error, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace unity::host
