// What is wrong with a configuration and where: collected, so that all of it is reported at once,
// and printed the way compilers do.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace unity::host {

// Line and column count from 1, columns in bytes. Line 0: the whole file, or a thing that has no
// lines, such as an environment variable.
struct Location {
  std::string file;
  int line = 0;
  int column = 0;

  std::string text() const;  // "unity.yaml:3:7"

  friend bool operator==(const Location&, const Location&) = default;
};

enum class Severity { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  Location location;
  std::string message;
};

// One text that was read.
struct Source {
  std::string file;
  std::string text;
};

// Every text that was read, for showing the lines that diagnostics speak of. The addresses of
// sources stay valid as long as this lives, also when it is moved.
class Sources {
 public:
  const Source& add(std::string file, std::string text);

  // The line at `location` with a caret under the column, indented; empty if there is no such
  // line. What follows a password's key is masked.
  std::string excerpt(const Location& location) const;

  // The order in which `file` was read; the last place if it was not.
  std::size_t rank(std::string_view file) const;

 private:
  std::deque<Source> sources_;
};

// Collects diagnostics, and stops keeping them when a broken file yields thousands.
class Diagnostics {
 public:
  void error(Location location, std::string message);
  void warning(Location location, std::string message);

  void add(Diagnostic one);

  // All of them by file, line and column; this is empty afterwards.
  std::vector<Diagnostic> take(const Sources& sources);

 private:
  void add(Severity severity, Location location, std::string message);

  std::vector<Diagnostic> kept_;
  std::size_t left_out_ = 0;
};

// "file:line:column: error: message" and the excerpt, for each.
std::string render(const std::vector<Diagnostic>& diagnostics, const Sources& sources);

}  // namespace unity::host
