#include "config/diagnostics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "config/text.hpp"

namespace unity::host {
namespace {

constexpr std::size_t kMostKept = 200;
constexpr std::size_t kLongestLine = 160;

std::string_view line_of(std::string_view text, int number) {
  for (int line = 1; line < number; ++line) {
    const auto end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

// Whether a mapping key that ends here, before optional blanks, is followed by its colon.
std::size_t colon_after(std::string_view line, std::size_t at) {
  at = line.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-\"'",
                              at);
  if (at != line.npos) at = line.find_first_not_of(' ', at);
  return at != line.npos && line[at] == ':' ? at : line.npos;
}

// Whether `line`, a part of `text`, belongs to the section `secrets` of a file that is written in
// blocks.
bool in_secrets(std::string_view text, std::string_view line) {
  auto before = text.substr(0, static_cast<std::size_t>(line.data() - text.data()));
  while (line.empty() || line.front() == ' ' || line.front() == '\t' || line.front() == '#') {
    if (before.empty()) return false;
    before.remove_suffix(1);
    const auto begin = before.rfind('\n');
    line = begin == before.npos ? before : before.substr(begin + 1);
    before.remove_suffix(line.size());
  }
  return line.starts_with("secrets") || line.starts_with("\"secrets") ||
         line.starts_with("'secrets");
}

// Of a line there: what the keys are, and nothing of what they have.
std::string without_values(std::string_view line) {
  const auto colon = line.find(':');
  const auto begin = line.find_first_not_of(' ', colon == line.npos ? 0 : colon + 1);
  std::string masked(line);
  if (begin != line.npos) std::fill(masked.begin() + static_cast<long>(begin), masked.end(), '*');
  return masked;
}

// An excerpt ends up in logs and in questions to other people. It is masked by the look of the
// text, since the line that does not parse may be the one with the password.
std::string without_secrets(std::string_view line) {
  static constexpr std::string_view kSecretWords[] = {"password", "passwd", "secret",    "token",
                                                      "api_key",  "apikey", "credential"};
  const auto lower = lower_case(line);
  std::string masked(line);
  for (const auto word : kSecretWords) {
    for (auto at = lower.find(word); at != lower.npos; at = lower.find(word, at + 1)) {
      const auto colon = colon_after(line, at);
      if (colon == line.npos) continue;
      const auto value = line.find_first_not_of(' ', colon + 1);
      if (value != line.npos)
        std::fill(masked.begin() + static_cast<long>(value), masked.end(), '*');
    }
  }
  // "postgresql://user:password@host"
  const auto scheme = line.find("://");
  const auto at = scheme != line.npos ? line.find('@', scheme) : line.npos;
  if (at != line.npos) {
    std::fill(masked.begin() + static_cast<long>(scheme) + 3,
              masked.begin() + static_cast<long>(at), '*');
  }
  return masked;
}

}  // namespace

std::string Location::text() const {
  if (line == 0) return file;
  return fmt::format("{}:{}:{}", file, line, column);
}

const Source& Sources::add(std::string file, std::string text) {
  return sources_.emplace_back(Source{std::move(file), std::move(text)});
}

std::size_t Sources::rank(std::string_view file) const {
  const auto found = std::find_if(sources_.begin(), sources_.end(),
                                  [&](const Source& source) { return source.file == file; });
  return static_cast<std::size_t>(found - sources_.begin());
}

std::string Sources::excerpt(const Location& location) const {
  const auto index = rank(location.file);
  if (index == sources_.size() || location.line <= 0 || location.column <= 0) return {};
  const auto whole = line_of(sources_[index].text, location.line);
  const auto column = static_cast<std::size_t>(location.column) - 1;
  if (whole.empty() || column > whole.size() || column > kLongestLine) return {};
  const auto bare =
      in_secrets(sources_[index].text, whole) ? without_values(whole) : without_secrets(whole);
  const auto line = printable(bare.substr(0, kLongestLine));

  // Tabs stay tabs, and a character of several bytes takes one place.
  std::string padding;
  for (const char c : std::string_view(line).substr(0, column)) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) padding += c == '\t' ? '\t' : ' ';
  }
  return fmt::format("{:>5} | {}\n      | {}^\n", location.line, line, padding);
}

void Diagnostics::error(Location location, std::string message) {
  add(Severity::error, std::move(location), std::move(message));
}

void Diagnostics::warning(Location location, std::string message) {
  add(Severity::warning, std::move(location), std::move(message));
}

void Diagnostics::add(Severity severity, Location location, std::string message) {
  // Past the limit nothing more is kept, except the first error: it decides the outcome.
  const auto is_error = [](const Diagnostic& kept) { return kept.severity == Severity::error; };
  if (kept_.size() >= kMostKept &&
      (severity == Severity::warning || std::any_of(kept_.begin(), kept_.end(), is_error))) {
    ++left_out_;
    return;
  }
  kept_.push_back({severity, std::move(location), std::move(message)});
}

void Diagnostics::add(Diagnostic one) {
  add(one.severity, std::move(one.location), std::move(one.message));
}

std::vector<Diagnostic> Diagnostics::take(const Sources& sources) {
  auto taken = std::exchange(kept_, {});
  std::stable_sort(taken.begin(), taken.end(), [&](const Diagnostic& a, const Diagnostic& b) {
    return std::tuple(sources.rank(a.location.file), a.location.line, a.location.column) <
           std::tuple(sources.rank(b.location.file), b.location.line, b.location.column);
  });
  if (left_out_ > 0) {
    taken.push_back({Severity::warning, taken.back().location,
                     fmt::format("{} more like these are not shown", left_out_)});
    left_out_ = 0;
  }
  return taken;
}

std::string render(const std::vector<Diagnostic>& diagnostics, const Sources& sources) {
  std::string out;
  for (const auto& [severity, location, message] : diagnostics) {
    fmt::format_to(std::back_inserter(out), "{}: {}: {}\n{}", location.text(),
                   severity == Severity::error ? "error" : "warning", printable(message),
                   sources.excerpt(location));
  }
  return out;
}

}  // namespace unity::host
