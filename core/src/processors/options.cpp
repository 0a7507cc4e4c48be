#include "unity/core/processors/options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "unity/core/base/suggest.hpp"

namespace unity {

std::string pointer_step(std::string_view name) {
  std::string step;
  for (const char c : name) {
    if (c == '~' || c == '/') {
      step += c == '~' ? "~0" : "~1";
    } else {
      step += c;
    }
  }
  return step;
}

const json::Value* Options::find(std::string_view name) {
  known_.emplace_back(name);
  const auto* found = value_.find(name);
  return found != nullptr && !found->is_null() ? found : nullptr;
}

std::optional<std::string> Options::text(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (const auto* string = value->string(); string != nullptr && !string->empty()) return *string;
  complain(name, fmt::format("`{}` must be text and not empty", name));
  return std::nullopt;
}

std::optional<bool> Options::flag(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (const auto* flag = value->boolean()) return *flag;
  complain(name, fmt::format("`{}` must be true or false", name));
  return std::nullopt;
}

std::optional<double> Options::number(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) return value->number();
  complain(name, fmt::format("`{}` must be a number", name));
  return std::nullopt;
}

std::optional<std::int64_t> Options::whole(std::string_view name, std::int64_t least,
                                           std::int64_t most) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_integer() && value->number() >= static_cast<double>(least) &&
      value->number() <= static_cast<double>(most)) {
    return value->integer();
  }
  complain(name, fmt::format("`{}` must be a whole number from {} to {}", name, least, most));
  return std::nullopt;
}

std::optional<Duration> Options::duration(std::string_view name, Duration least, Duration most) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto* string = value->string();
  // A bare number of seconds was made a number when the file was read.
  const auto parsed = parse_duration(string != nullptr ? *string : json::dump(*value));
  if (parsed && *parsed >= least && *parsed <= most) return parsed;
  complain(name, fmt::format("`{}` must be a duration from {} to {}, such as 30s or 5m", name,
                             to_text(least), to_text(most)));
  return std::nullopt;
}

std::vector<std::string> Options::texts(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return {};
  if (const auto* one = value->string(); one != nullptr && !one->empty()) return {*one};
  std::vector<std::string> all;
  const auto* list = value->array();
  if (list == nullptr || list->empty()) {
    complain(name, fmt::format("`{}` must be text or a list of texts", name));
    return all;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto* text = (*list)[i].string();
    if (text != nullptr && !text->empty()) {
      all.push_back(*text);
    } else {
      complain(fmt::format("{}/{}", name, i),
               fmt::format("each entry of `{}` must be text and not empty", name));
    }
  }
  return all;
}

std::optional<std::size_t> Options::choice(std::string_view name,
                                           const std::vector<std::string>& words) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto* word = value->string();
  if (word != nullptr) {
    const auto found = std::find(words.begin(), words.end(), *word);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  }
  const auto near = word != nullptr ? nearest(*word, words) : std::nullopt;
  complain(name, fmt::format("`{}` must be one of {}{}", name, fmt::join(words, ", "),
                             near ? fmt::format("; did you mean {}?", *near) : ""));
  return std::nullopt;
}

void Options::mapping(
    std::string_view name,
    const std::function<void(const std::string& key, const json::Value& value)>& each) {
  const auto* value = find(name);
  if (value == nullptr) return;
  const auto* members = value->object();
  if (members == nullptr) {
    return complain(name, fmt::format("`{}` must be a mapping (`name: value` lines)", name));
  }
  for (const auto& [key, member] : *members) each(key, member);
}

std::vector<std::string> Options::names() const {
  std::vector<std::string> names;
  if (const auto* members = value_.object()) {
    for (const auto& [name, value] : *members) names.push_back(name);
  }
  return names;
}

void Options::section(std::string_view name, const std::function<void(Options&)>& read) {
  const auto* value = find(name);
  if (value == nullptr) return;
  if (value->object() == nullptr) {
    return complain(name, fmt::format("`{}` must be a mapping (`name: value` lines)", name));
  }
  Options inner(*value, level_, pointer_ + '/' + pointer_step(name), problems_);
  read(inner);
  inner.finish();
}

void Options::require(std::string_view name) {
  const auto* found = value_.find(name);
  if (found == nullptr || found->is_null())
    complain("", fmt::format("needs the option `{}`", name));
}

void Options::complain(std::string_view name, std::string message) {
  auto pointer = pointer_;
  if (!name.empty()) pointer += fmt::format("/{}", name);
  problems_.push_back({level_, std::move(pointer), false, std::move(message)});
}

void Options::finish() {
  const auto* members = value_.object();
  if (members == nullptr) return;
  for (const auto& [name, value] : *members) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    const auto near = nearest(name, known_);
    problems_.push_back(
        {level_, pointer_ + '/' + pointer_step(name), true,
         fmt::format("unknown option `{}`; {}", name,
                     near ? fmt::format("did you mean `{}`?", *near)
                          : fmt::format("valid ones are {}", fmt::join(known_, ", ")))});
  }
}

}  // namespace unity
