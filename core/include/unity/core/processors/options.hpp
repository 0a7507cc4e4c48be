// Reads the options of a stage. Every mistake becomes a Problem at its JSON pointer, so that the
// host can show where in which file it stands; the callers go on, to find all of them in one go.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/glob.hpp"
#include "unity/core/base/time.hpp"
#include "unity/core/json/value.hpp"

namespace unity {

// Which of the two lists of stages.
enum class PipelineLevel : std::uint8_t { global, collector };

struct Problem {
  PipelineLevel level = PipelineLevel::global;
  std::string pointer;  // into the list of stages: "/2/rename/fields"
  bool at_key = false;  // it is the name of the member that is wrong, not its value
  std::string message;

  friend bool operator==(const Problem&, const Problem&) = default;
};

// One mapping of options. What is asked for by name is known; finish() complains of the rest.
class Options {
 public:
  // `value` must be an object or null, which is an empty one.
  Options(const json::Value& value, PipelineLevel level, std::string pointer,
          std::vector<Problem>& problems)
      : value_(value), level_(level), pointer_(std::move(pointer)), problems_(problems) {}

  // The value as it stands, or null if it is not given.
  const json::Value* find(std::string_view name);

  std::optional<std::string> text(std::string_view name);
  std::optional<bool> flag(std::string_view name);
  std::optional<double> number(std::string_view name);
  std::optional<std::int64_t> whole(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<Duration> duration(std::string_view name, Duration least, Duration most);
  // One text, or a list of them.
  std::vector<std::string> texts(std::string_view name);
  Globs globs(std::string_view name) { return Globs(texts(name)); }
  // The place of the given word among `words`.
  std::optional<std::size_t> choice(std::string_view name, const std::vector<std::string>& words);
  // Calls `each` for the members of a mapping whose names are the operator's.
  void mapping(std::string_view name,
               const std::function<void(const std::string& key, const json::Value& value)>& each);
  // The names of all members, when they are the operator's.
  std::vector<std::string> names() const;
  // A mapping whose names are ours: `read` gets its options, which are finished after it.
  void section(std::string_view name, const std::function<void(Options&)>& read);

  // Says that the option `name` is needed if it was not given.
  void require(std::string_view name);
  // `name` may go deeper: "fields/x". Empty: the whole.
  void complain(std::string_view name, std::string message);
  void finish();

  const std::string& pointer() const { return pointer_; }
  PipelineLevel level() const { return level_; }

 private:
  const json::Value& value_;
  PipelineLevel level_;
  std::string pointer_;
  std::vector<Problem>& problems_;
  std::vector<std::string> known_;
};

// `name` as a step of a JSON pointer.
std::string pointer_step(std::string_view name);

}  // namespace unity
