// A2, A3, A6 to A9: what the file offers, and what it wants of the system.
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <tuple>

#include "check/elf/image.hpp"
#include "check/elf/rules.hpp"
#include "plugin/elf_note.hpp"
#include "unity/core/model/manifest.hpp"

namespace unity::check {
namespace {

constexpr std::string_view kEntry = "unity_plugin_entry_v1";
constexpr std::size_t kConstructorsMany = 32;

// What a build with a sanitizer exports beside.
bool of_a_sanitizer(std::string_view name) {
  static constexpr std::string_view prefixes[] = {"__asan_", "__odr_asan", "__ubsan_", "__tsan_",
                                                  "__lsan_", "__sancov_",  "__gcov_"};
  return std::any_of(std::begin(prefixes), std::end(prefixes),
                     [&](auto prefix) { return name.starts_with(prefix); });
}

// Libraries that are there wherever the plugin's own platform is.
bool of_the_platform(std::string_view library) {
  static constexpr std::string_view names[] = {"libc.so.6",
                                               "libm.so.6",
                                               "libpthread.so.0",
                                               "libdl.so.2",
                                               "librt.so.1",
                                               "libgcc_s.so.1",
                                               "libstdc++.so.6",
                                               "ld-linux-x86-64.so.2",
                                               "ld-linux-aarch64.so.1",
                                               "libresolv.so.2",
                                               "libasan.so.8",
                                               "libubsan.so.1",
                                               "libtsan.so.2"};
  return std::find(std::begin(names), std::end(names), library) != std::end(names);
}

// The last number of each family's version: {"GLIBC", {2, 34, 0}}.
using Version = std::array<unsigned, 3>;

std::pair<std::string_view, Version> split_version(std::string_view name) {
  const auto line = name.rfind('_');
  if (line == name.npos) return {name, {}};
  Version version{};
  const char* at = name.data() + line + 1;
  const char* const end = name.data() + name.size();
  for (auto& part : version) {
    const auto read = std::from_chars(at, end, part);
    if (read.ec != std::errc() || read.ptr == end) break;
    at = read.ptr + 1;
  }
  return {name.substr(0, line), version};
}

std::string to_text(const Version& version) {
  return fmt::format("{}.{}{}", version[0], version[1],
                     version[2] != 0 ? fmt::format(".{}", version[2]) : "");
}

}  // namespace

void check_elf_exports(const Context& context, Findings& findings) {
  const auto image = ElfImage::read(context.image);
  if (!image) return findings.fail("{}", image.error().message);
  bool entry = false;
  std::size_t others = 0;
  for (const auto& symbol : image->symbols()) {
    if (!symbol.defined || of_a_sanitizer(symbol.name)) continue;
    if (symbol.name == kEntry) {
      entry = true;
      if (symbol.type != STT_FUNC) findings.fail("{} is not a function", kEntry);
    } else if (++others <= 5) {
      findings.fail("it exports {}", symbol.name);
    }
  }
  if (others > 5) findings.fail("it exports {} symbols beside its entry", others);
  if (!entry) findings.fail("it does not export {}", kEntry);
}

void check_elf_undefined(const Context& context, Findings& findings) {
  const auto image = ElfImage::read(context.image);
  if (!image) return findings.fail("{}", image.error().message);
  std::vector<void*> libraries;
  for (const auto& name : image->dynamic_texts(DT_NEEDED)) {
    if (auto* library = ::dlopen(std::string(name).c_str(), RTLD_LAZY | RTLD_LOCAL)) {
      libraries.push_back(library);
    }
  }
  for (const auto& symbol : image->symbols()) {
    if (symbol.defined || symbol.weak || !symbol.library.empty()) continue;
    const std::string name(symbol.name);
    const bool known = std::any_of(libraries.begin(), libraries.end(), [&](void* library) {
      return ::dlsym(library, name.c_str()) != nullptr;
    });
    if (!known) {
      findings.fail(
          "{} is defined neither by it nor by a library that it names; no host exports it",
          symbol.name);
    }
  }
}

void check_elf_needs(const Context& context, Findings& findings) {
  const auto image = ElfImage::read(context.image);
  if (!image) return findings.fail("{}", image.error().message);
  for (const auto& library : image->dynamic_texts(DT_NEEDED)) {
    if (library.find('/') != library.npos) {
      findings.fail("it names a library by a path: {}", library);
    } else if (::dlopen(std::string(library).c_str(), RTLD_LAZY | RTLD_LOCAL) == nullptr) {
      findings.fail("it needs {}, which this machine does not have", library);
    } else if (!of_the_platform(library)) {
      findings.warn("it needs {}, which must be installed wherever it runs", library);
    }
  }
  std::map<std::string_view, Version> highest;
  for (const auto& needed : image->needed_versions()) {
    const auto [family, version] = split_version(needed.name);
    auto& known = highest[family];
    known = std::max(known, version);
  }
  for (const auto family : {"GLIBC", "GLIBCXX", "CXXABI"}) {
    if (const auto found = highest.find(family); found != highest.end()) {
      findings.remark("it needs {} {} or newer", family, to_text(found->second));
    }
  }
}

void check_elf_bundled(const Context& context, Findings& findings) {
  const auto image = ElfImage::read(context.image);
  if (!image) return findings.fail("{}", image.error().message);
  static constexpr std::string_view allocators[] = {"je_malloc", "mallocx", "tc_malloc",
                                                    "mi_malloc", "malloc",  "scudo_malloc"};
  auto names = image->static_symbol_names();
  for (const auto& symbol : image->symbols()) {
    if (symbol.defined) names.push_back(symbol.name);
  }
  for (const auto allocator : allocators) {
    if (std::find(names.begin(), names.end(), allocator) != names.end()) {
      findings.fail("it brings an allocator of its own ({})", allocator);
    }
  }
  const auto text = host::read_manifest_note(context.image);
  const auto manifest = text ? parse_manifest(*text) : Result<Manifest>(text.error());
  const bool worker = manifest && manifest->requires_worker;
  for (const auto section : image->section_names()) {
    if ((section == ".gopclntab" || section == ".note.go.buildid") && !worker) {
      findings.fail(
          "it carries the runtime of Go; its manifest must say \"requires_worker\": true");
    }
  }
}

void check_elf_banned(const Context& context, Findings& findings) {
  const auto image = ElfImage::read(context.image);
  if (!image) return findings.fail("{}", image.error().message);
  static constexpr std::string_view banned[] = {
      "signal",       "sigaction", "setlocale", "chdir",  "fchdir", "umask",      "setenv",
      "unsetenv",     "putenv",    "clearenv",  "fork",   "vfork",  "daemon",     "system",
      "popen",        "atexit",    "on_exit",   "exit",   "_exit",  "quick_exit", "_Exit",
      "abort",        "setrlimit", "prlimit",   "setuid", "setgid", "dlclose",    "pthread_cancel",
      "pthread_kill", "raise",     "kill"};
  for (const auto& symbol : image->symbols()) {
    if (!symbol.defined &&
        std::find(std::begin(banned), std::end(banned), symbol.name) != std::end(banned)) {
      findings.warn("it uses {}(), which changes the process that it is a guest of", symbol.name);
    }
  }
}

void check_elf_constructors(const Context& context, Findings& findings) {
  const auto image = ElfImage::read(context.image);
  if (!image) return findings.fail("{}", image.error().message);
  const auto count = image->dynamic(DT_INIT_ARRAYSZ).value_or(0) / sizeof(std::uint64_t);
  if (count > kConstructorsMany) {
    findings.warn("{} static initialisers run when it is loaded, before any of it is asked for",
                  count);
  } else {
    findings.remark("{} static initialisers", count);
  }
}

}  // namespace unity::check
