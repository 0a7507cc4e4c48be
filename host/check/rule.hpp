// The rules of `unity plugin check`: what there is to know of each, in one table. How a rule is
// checked stands in checks.cpp, so that the command need not carry the checks themselves.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace unity::check {

struct Rule {
  std::string_view id;       // "A4": the group and the number, for reports
  std::string_view name;     // "elf.hardening": stable, for people
  std::string_view meaning;  // one line: what a plugin that passes does
  std::string_view advice;   // what to do when it fails
  // Rules without which this one says nothing, by id, blank between; each stands before this one.
  std::string_view needs;

  char group() const { return id.front(); }
};

std::span<const Rule> all_rules();

// What the rules of a group have in common: "The file", for 'A'.
std::string_view group_title(char group);

// By id or by name; null if there is none.
const Rule* find_rule(std::string_view id_or_name);

// Whether `word` of --only or --exclude means this rule: its id, its name, its group ("A"), or the
// first part of its name ("elf").
bool selects(std::string_view word, const Rule& rule);

// What is not checked, and why: for the documentation and `--list`.
struct LeftOut {
  std::string_view what;
  std::string_view why;
};
std::span<const LeftOut> left_out();

}  // namespace unity::check
