#include "check/rule.hpp"

#include <algorithm>
#include <array>

namespace unity::check {
namespace {

constexpr std::string_view kFile = "A1";
constexpr std::string_view kManifest = "B11";
constexpr std::string_view kTables = "B12 B13 B14 C19";

constexpr std::string_view kFlags =
    "build with unity_add_plugin of the SDK, which sets the flags of the linker";

constexpr Rule kRules[] = {
    {"A1", "elf.kind", "is a whole shared library for this machine, with a build id",
     "build a shared library for this machine; link with --build-id", ""},
    {"A2", "elf.exports", "exports unity_plugin_entry_v1 and nothing else",
     "hide symbols (-fvisibility=hidden) and link with the SDK's version script", kFile},
    {"A3", "elf.undefined", "defines or names a library for each symbol that it uses",
     "link with -z defs and name the library that has the symbol", kFile},
    {"A4", "elf.hardening",
     "is bound at once, read-only after, without executable stack, and stays", kFlags, kFile},
    {"A5", "elf.binding", "shares no symbols with other plugins and names no folders of its own",
     "compile with -fno-gnu-unique and hidden symbols, link without -rpath and without static TLS",
     kFile},
    {"A6", "elf.needs", "needs only libraries that are there; says of which version",
     "link what is not part of the platform statically, or document it", kFile},
    {"A7", "elf.bundled", "brings no allocator, and no runtime that is not confined to a worker",
     "use the allocator of the process; for Go say \"requires_worker\": true in the manifest",
     kFile},
    {"A8", "elf.banned", "does not use functions that change the process",
     "leave the process to its host: no signals, no locale, no exit", kFile},
    {"A9", "elf.constructors", "runs little when it is loaded",
     "make static objects constexpr, or create them in create()", kFile},
    {"A10", "file.trust", "can be changed by nobody but root and its owner",
     "chmod go-w the file and the folders above it", ""},

    {"B11", "manifest.note", "carries a manifest, readable without loading it",
     "let unity_add_plugin write the note from plugin.json, and include unity_manifest.h once",
     kFile},
    {"B12", "manifest.identity", "has a manifest that a host accepts, with id, version and license",
     "mend plugin.json", kManifest},
    {"B13", "manifest.config",
     "declares options that can be checked and shown, and secrets as such",
     "mend the \"config\" of the collector in plugin.json", kManifest},
    {"B14", "manifest.metrics", "declares metrics with names and units that every storage takes",
     "mend \"metrics\" in plugin.json; docs/expressions.md lists the units", kManifest},

    {"C16", "load.dlopen", "loads at once, without environment, and leaves no trace",
     "do nothing before create(): no threads, files or work in static initialisers", kFile},
    {"C17", "entry.pure", "has an entry that only returns its table, always the same one",
     "return the address of a static const table, and do nothing else", "A2 C16"},
    {"C18", "tables.form", "has tables of the right size, constant, within itself",
     "declare the tables static const with struct_size = sizeof, and set every reserved member to "
     "0",
     "C17"},
    {"C19", "tables.manifest", "offers exactly what its manifest says",
     "make names, modes, abi_min and functions of the tables and of plugin.json agree",
     "B11 B12 C18"},
    {"C20", "entry.strange", "accepts hosts with other names and of later minors",
     "do not look at host_name, and refuse only an abi below your abi_min", "C17"},

    {"E25", "life.leaks", "leaves nothing behind when its instances are destroyed",
     "free in destroy() what create() made, close descriptors, join threads", kTables},
};

constexpr LeftOut kLeftOut[] = {
    {"signatures", "hosts do not verify any yet"},
};

}  // namespace

std::span<const Rule> all_rules() { return kRules; }

std::string_view group_title(char group) {
  switch (group) {
    case 'A':
      return "The file";
    case 'B':
      return "The manifest";
    case 'C':
      return "Entry and tables";
    case 'D':
      return "Older, later and poorer hosts";
    case 'E':
      return "Life and behaviour";
    default:
      return "Random scenarios";
  }
}

const Rule* find_rule(std::string_view id_or_name) {
  const auto found = std::find_if(std::begin(kRules), std::end(kRules), [&](const Rule& rule) {
    return rule.id == id_or_name || rule.name == id_or_name;
  });
  return found != std::end(kRules) ? found : nullptr;
}

bool selects(std::string_view word, const Rule& rule) {
  return word == rule.id || word == rule.name || word == rule.id.substr(0, 1) ||
         word == rule.name.substr(0, rule.name.find('.'));
}

std::span<const LeftOut> left_out() { return kLeftOut; }

}  // namespace unity::check
