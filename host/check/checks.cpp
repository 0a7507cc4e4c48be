// Which function checks which rule.
#include <algorithm>

#include "check/behaviour/rules.hpp"
#include "check/context.hpp"
#include "check/elf/rules.hpp"
#include "check/entry/rules.hpp"
#include "check/manifest/rules.hpp"

namespace unity::check {
namespace {

struct Entry {
  std::string_view rule;
  Check* check;
};

constexpr Entry kChecks[] = {
    {"A1", check_elf_kind},
    {"A2", check_elf_exports},
    {"A3", check_elf_undefined},
    {"A4", check_elf_hardening},
    {"A5", check_elf_binding},
    {"A6", check_elf_needs},
    {"A7", check_elf_bundled},
    {"A8", check_elf_banned},
    {"A9", check_elf_constructors},
    {"A10", check_file_trust},
    {"B11", check_manifest_note},
    {"B12", check_manifest_identity},
    {"B13", check_manifest_config},
    {"B14", check_manifest_metrics},
    {"C16", check_load},
    {"C17", check_entry},
    {"C18", check_tables},
    {"C19", check_tables_manifest},
    {"C20", check_entry_strange},
    {"E25", check_life_leaks},
};

}  // namespace

Check* find_check(std::string_view rule_id) {
  const auto found = std::find_if(std::begin(kChecks), std::end(kChecks),
                                  [&](const Entry& entry) { return entry.rule == rule_id; });
  return found != std::end(kChecks) ? found->check : nullptr;
}

}  // namespace unity::check
