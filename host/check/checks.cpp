// Which function checks which rule.
#include <algorithm>

#include "check/behaviour/rules.hpp"
#include "check/context.hpp"
#include "check/elf/rules.hpp"
#include "check/entry/rules.hpp"
#include "check/fuzz/rules.hpp"
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
    {"C47", check_plain_life},
    {"D21", check_host_older},
    {"D22", check_host_later},
    {"D23", check_host_bare},
    {"D24", check_host_parameters},
    {"E25", check_life_leaks},
    {"E26", check_life_config},
    {"E27", check_life_failure},
    {"E28", check_life_together},
    {"E29", check_life_threads},
    {"E30", check_rows},
    {"E31", check_host_faults},
    {"E32", check_secrets},
    {"E33", check_state},
    {"E34", check_borrowing},
    {"E35", check_pointers},
    {"E36", check_thread_marks},
    {"E37", check_cancelling},
    {"E38", check_deadlines},
    {"E39", check_reconfigure},
    {"E40", check_streaming},
    {"E41", check_exceptions},
    {"E42", check_hygiene},
    {"E44", check_clocks},
    {"F46", check_scenarios},
};

}  // namespace

Check* find_check(std::string_view rule_id) {
  const auto found = std::find_if(std::begin(kChecks), std::end(kChecks),
                                  [&](const Entry& entry) { return entry.rule == rule_id; });
  return found != std::end(kChecks) ? found->check : nullptr;
}

}  // namespace unity::check
