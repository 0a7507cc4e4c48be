// Group A: what the file says before any of it runs.
#pragma once

#include "check/context.hpp"

namespace unity::check {

Check check_elf_kind;          // A1
Check check_elf_exports;       // A2
Check check_elf_undefined;     // A3
Check check_elf_hardening;     // A4
Check check_elf_binding;       // A5
Check check_elf_needs;         // A6
Check check_elf_bundled;       // A7
Check check_elf_banned;        // A8
Check check_elf_constructors;  // A9
Check check_file_trust;        // A10

}  // namespace unity::check
