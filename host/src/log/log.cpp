#include "log/log.hpp"

#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <memory>
#include <utility>

#include "unity/core/base/text.hpp"

namespace unity::host {
namespace {

constexpr std::size_t kRecentLines = 6;
constexpr std::size_t kFileSizeMax = std::size_t{4} << 20;  // then one older file is kept
constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLevels{
    {{"debug", LogLevel::debug},
     {"info", LogLevel::info},
     {"warn", LogLevel::warn},
     {"error", LogLevel::error}}};

struct Logging {
  std::shared_ptr<spdlog::logger> logger;
  std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> recent;
};

// Lives as long as the process: threads may log until the very end.
Logging& logging() {
  static Logging& instance = *new Logging;
  return instance;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

void use_sinks(std::vector<spdlog::sink_ptr> sinks, spdlog::level::level_enum lowest) {
  auto logger = std::make_shared<spdlog::logger>("unity", sinks.begin(), sinks.end());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%-5l%$ %v", spdlog::pattern_time_type::utc);
  logger->set_level(lowest);
  logger->flush_on(spdlog::level::debug);
  logging().logger = std::move(logger);
}

}  // namespace

bool parse_log_level(std::string_view text, LogLevel& level) {
  for (const auto& [name, value] : kLevels) {
    if (name == text) {
      level = value;
      return true;
    }
  }
  return false;
}

void start_logging(LogLevel lowest) {
  use_sinks({std::make_shared<spdlog::sinks::stderr_sink_mt>()}, to_spdlog(lowest));
}

void set_log_level(LogLevel lowest) { logging().logger->set_level(to_spdlog(lowest)); }

void log_to_file(const std::filesystem::path& file) {
  try {
    auto sink =
        std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file.string(), kFileSizeMax, 1);
    logging().recent = std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(kRecentLines);
    use_sinks({std::move(sink), logging().recent}, logging().logger->level());
  } catch (const spdlog::spdlog_ex& exception) {
    log_warn("cannot log to {}: {}; logging to standard error", file.string(), exception.what());
  }
}

std::vector<std::string> recent_log_lines() {
  const auto& recent = logging().recent;
  return recent != nullptr ? recent->last_formatted() : std::vector<std::string>();
}

void write_log(LogLevel level, std::string_view text) {
  if (const auto& logger = logging().logger) {
    // Much of it comes from outside, and a line break in that would begin a line of its own.
    const auto line = one_line(text, text.size());
    logger->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
  }
}

}  // namespace unity::host
