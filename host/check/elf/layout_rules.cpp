// A1, A4, A5: what kind of file it is, and how it was linked.
#include "check/elf/image.hpp"
#include "check/elf/rules.hpp"

namespace unity::check {
namespace {

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#elif defined(__riscv)
constexpr Elf64_Half kMachine = EM_RISCV;
#endif
constexpr std::uint32_t kBuildId = 3;  // NT_GNU_BUILD_ID
// In the headers of newer systems only.
constexpr std::uint64_t kPie = 0x08000000;

void check_segments(const ElfImage& image, std::size_t file_size, Findings& findings) {
  for (const auto& segment : image.segments()) {
    if (segment.p_type != PT_LOAD) continue;
    if (segment.p_offset > file_size || file_size - segment.p_offset < segment.p_filesz) {
      findings.fail("a segment lies beyond the end of the file: it is truncated");
    }
  }
  if (!image.complete()) findings.fail("its dynamic symbol table or its headers cannot be read");
}

void check_stack(const ElfImage& image, Findings& findings) {
  const auto* stack = image.segment(PT_GNU_STACK);
  if (stack == nullptr) {
    findings.fail("it does not say that its stack is not executable (no PT_GNU_STACK)");
  } else if ((stack->p_flags & PF_X) != 0) {
    findings.fail("it wants an executable stack");
  }
}

}  // namespace

void check_elf_kind(const Context& context, Findings& findings) {
  const auto image = ElfImage::read(context.image);
  if (!image) return findings.fail("{}", image.error().message);
  const auto& header = image->header();
  if (header.e_machine != kMachine) {
    findings.fail("it is built for another machine (ELF machine {}, this is {})", header.e_machine,
                  kMachine);
  }
  if (header.e_type != ET_DYN) {
    findings.fail("it is no shared library (ELF type {})", header.e_type);
  } else if ((image->flags_1() & kPie) != 0 || image->segment(PT_INTERP) != nullptr) {
    findings.fail("it is a program, not a shared library");
  }
  check_segments(*image, context.image.size(), findings);
  if (image->note("GNU", kBuildId).empty()) {
    findings.warn("it has no build id, by which a crash can be matched to its debug symbols");
  }
  for (const auto& library : image->dynamic_texts(DT_NEEDED)) {
    if (library.starts_with("libasan.") || library.starts_with("libtsan.") ||
        library.starts_with("libubsan.") || library.starts_with("liblsan.")) {
      findings.remark("it is built with a sanitizer ({}): do not ship this one", library);
    }
  }
}

void check_elf_hardening(const Context& context, Findings& findings) {
  const auto image = ElfImage::read(context.image);
  if (!image) return findings.fail("{}", image.error().message);
  const bool now = image->dynamic(DT_BIND_NOW) || (image->flags() & DF_BIND_NOW) != 0 ||
                   (image->flags_1() & DF_1_NOW) != 0;
  if (!now) findings.fail("it is bound lazily: a missing symbol shows in the middle of a run");
  if (image->segment(PT_GNU_RELRO) == nullptr) {
    findings.fail("its relocated data stays writable (no PT_GNU_RELRO)");
  }
  check_stack(*image, findings);
  if (image->dynamic(DT_TEXTREL) || (image->flags() & DF_TEXTREL) != 0) {
    findings.fail("its code is changed while it is loaded (TEXTREL)");
  }
  if ((image->flags_1() & DF_1_NODELETE) == 0) {
    findings.fail("it may be unloaded (no DF_1_NODELETE), under threads and callbacks of its own");
  }
  for (const auto& segment : image->segments()) {
    if (segment.p_type == PT_LOAD && (segment.p_flags & PF_W) != 0 &&
        (segment.p_flags & PF_X) != 0) {
      findings.fail("a segment is writable and executable at once");
    }
  }
}

void check_elf_binding(const Context& context, Findings& findings) {
  const auto image = ElfImage::read(context.image);
  if (!image) return findings.fail("{}", image.error().message);
  for (const auto& symbol : image->symbols()) {
    if (symbol.defined && symbol.unique) {
      findings.fail(
          "symbol {} is unique in the process (STB_GNU_UNIQUE): two plugins that have it "
          "share one",
          symbol.name);
    }
  }
  if ((image->flags() & DF_STATIC_TLS) != 0) {
    findings.fail(
        "it uses static thread-local storage, of which a process has little "
        "(DF_STATIC_TLS)");
  }
  if ((image->flags_1() & DF_1_GLOBAL) != 0) findings.fail("it makes its symbols global");
  if ((image->flags_1() & DF_1_INTERPOSE) != 0)
    findings.fail("it wants to replace others' symbols");
  for (const auto& path : image->dynamic_texts(DT_RPATH)) {
    findings.fail("it has the RPATH \"{}\", which comes before the system's folders", path);
  }
  for (const auto& path : image->dynamic_texts(DT_RUNPATH)) {
    if (path.starts_with("$ORIGIN")) {
      findings.warn(
          "it has the RUNPATH \"{}\"; a host loads a copy in memory, where $ORIGIN leads "
          "nowhere",
          path);
    } else {
      findings.fail("it has the RUNPATH \"{}\": libraries of the machine that built it", path);
    }
  }
}

}  // namespace unity::check
