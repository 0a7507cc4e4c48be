// Reads the instance's own options (`config:` in the host's file). The host has already validated
// them against the manifest's schema and filled in defaults, so a missing name is a bug of the
// plugin and throws.
#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace unity::sdk {
inline namespace v1 {

class Options {
 public:
  // `json` is one JSON object. Nested objects are kept as JSON text, see raw().
  explicit Options(std::string_view json) : text_(json) { parse(); }
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  bool has(std::string_view name) const { return members_.count(std::string(name)) != 0; }
  std::string string(std::string_view name) const { return unquote(raw(name)); }
  double number(std::string_view name) const {
    const auto text = raw(name);
    double value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc()) throw mismatch(name, "a number");
    return value;
  }
  std::int64_t integer(std::string_view name) const {
    return static_cast<std::int64_t>(number(name));
  }
  bool boolean(std::string_view name) const { return raw(name) == "true"; }
  // For options declared as {"$ref": "unity:duration"}: "250ms", "5s", "1h", or bare seconds.
  std::chrono::nanoseconds duration(std::string_view name) const {
    const auto text = raw(name);
    const auto word = text.starts_with('"') ? unquote(text) : std::string(text);
    double amount = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), amount);
    const std::string_view unit(end, static_cast<std::size_t>(word.data() + word.size() - end));
    static constexpr std::pair<std::string_view, double> units[] = {
        {"", 1e9},   {"s", 1e9},    {"ms", 1e6},    {"us", 1e3},     {"ns", 1},
        {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}, {"w", 604800e9}, {"y", 31536000e9}};
    for (const auto& [known, nanoseconds] : units) {
      if (error == std::errc() && unit == known) {
        return std::chrono::nanoseconds(static_cast<std::int64_t>(amount * nanoseconds));
      }
    }
    throw mismatch(name, "a duration");
  }
  // For options declared as {"$ref": "unity:secret"}: the name to give to Host::secret(). The
  // secret itself is never among the options.
  std::string secret_name(std::string_view name) const {
    return Options(raw(name)).string("$secret");
  }
  std::vector<std::string> strings(std::string_view name) const {
    std::vector<std::string> values;
    Cursor at{raw(name), 0};
    at.expect('[');
    while (!at.accept(']')) {
      values.push_back(unquote(at.value()));
      at.accept(',');
    }
    return values;
  }
  // The member's JSON text, for plugins that bring a JSON library of their own.
  std::string_view raw(std::string_view name) const {
    const auto found = members_.find(std::string(name));
    if (found == members_.end()) {
      throw std::logic_error("option '" + std::string(name) + "' is not in the manifest's schema");
    }
    return found->second;
  }

 private:
  // Walks JSON that the host has already checked; a surprise is an error all the same.
  struct Cursor {
    std::string_view text;
    std::size_t at = 0;

    void skip_space() {
      while (at < text.size() && std::string_view(" \t\r\n").find(text[at]) != text.npos) ++at;
    }
    bool accept(char c) {
      skip_space();
      if (at >= text.size() || text[at] != c) return false;
      ++at;
      return true;
    }
    void expect(char c) {
      if (!accept(c)) throw std::invalid_argument("options are not valid JSON");
    }
    std::string_view value() {
      skip_space();
      const auto start = at;
      std::size_t depth = 0;
      bool quoted = false;
      for (; at < text.size(); ++at) {
        const char c = text[at];
        if (quoted) {
          if (c == '\\') {
            ++at;
          } else if (c == '"') {
            quoted = false;
          }
        } else if (c == '"') {
          quoted = true;
        } else if (c == '{' || c == '[') {
          ++depth;
        } else if (c == '}' || c == ']') {
          if (depth == 0) break;
          --depth;
        } else if (depth == 0 && (c == ',' || c == ':')) {
          break;
        }
      }
      auto found = text.substr(start, at - start);
      while (!found.empty() && std::string_view(" \t\r\n").find(found.back()) != found.npos) {
        found.remove_suffix(1);
      }
      return found;
    }
  };

  void parse() {
    Cursor at{text_, 0};
    if (text_.empty()) return;
    at.expect('{');
    while (!at.accept('}')) {
      auto name = unquote(at.value());
      at.expect(':');
      members_.emplace(std::move(name), at.value());
      at.accept(',');
    }
  }

  static std::logic_error mismatch(std::string_view name, const char* wanted) {
    return std::logic_error("option '" + std::string(name) + "' is not " + wanted);
  }

  static std::string unquote(std::string_view text) {
    if (text.size() < 2 || text.front() != '"') throw std::logic_error("option is not a string");
    std::string out;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
      if (text[i] != '\\') {
        out += text[i];
        continue;
      }
      switch (const char escaped = text[++i]) {
        case 'n':
          out += '\n';
          break;
        case 't':
          out += '\t';
          break;
        case 'r':
          out += '\r';
          break;
        case 'b':
          out += '\b';
          break;
        case 'f':
          out += '\f';
          break;
        case 'u':  // the host writes only control characters this way
          out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 4)), nullptr, 16));
          i += 4;
          break;
        default:
          out += escaped;
      }
    }
    return out;
  }

  std::string text_;
  std::map<std::string, std::string_view> members_;  // views into text_
};

}  // namespace v1
}  // namespace unity::sdk
