#include "check/rule.hpp"

#include <algorithm>
#include <array>

namespace unity::check {
namespace {

constexpr std::string_view kFile = "A1";
constexpr std::string_view kManifest = "B11";
constexpr std::string_view kTables = "B12 B13 B14 C19";
// A plugin that crashes at once crashes in all of them, and their advice is about something else.
constexpr std::string_view kLife = "B12 B13 B14 C19 C47";

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
    {"C47", "life.plain", "survives one create(), collect() or stream(), and destroy()",
     "run the offsets in the plugin through addr2line, or the same call in your tests, under a "
     "debugger",
     kTables},

    {"D21", "host.older",
     "works on a host of ABI 1.0 and reads nothing beyond the end of its tables",
     "ask UNITY_HAS() before using a member that is younger than your abi_min", kLife},
    {"D22", "host.later",
     "works on a host of a later minor and calls nothing that it does not know",
     "call members of the tables by their names only, and accept a larger unity_config", kLife},
    {"D23", "host.bare", "works without state, secrets and datasets, or says why it cannot",
     "answer UNITY_E_UNSUPPORTED with fail() and a reason", kLife},
    {"D24", "host.parameters",
     "hands over parameters of the right size, with zeroes where they belong",
     "zero each struct, then set struct_size = sizeof and the members", kLife},

    {"E25", "life.leaks", "leaves nothing behind when its instances are destroyed",
     "free in destroy() what create() made, close descriptors, join threads", kLife},
    {"E26", "life.config", "lives with all options that its schema allows, or says why not",
     "narrow the schema, or give a reason by fail()", kLife},
    {"E27", "life.failure", "leaves nothing behind when create() fails, and says why",
     "undo in create() what was done before the failure, and call fail()", kLife},
    {"E28", "life.together", "keeps its instances apart, also when they run at once",
     "keep everything in the instance: no globals, no host or call kept elsewhere", kLife},
    {"E29", "life.threads", "does not care which thread calls it",
     "keep nothing in thread-local variables", kLife},
    {"E30", "rows.valid", "emits only records that its manifest declares, and only during calls",
     "mend the records or declare them in plugin.json; emit before you return", kLife},
    {"E31", "host.faults", "passes on what its host refuses",
     "look at the status of each call of the host, and return it or fail()", kLife},
    {"E32", "secrets.kept", "lets no secret out",
     "keep secrets out of records, logs, errors, state, files and the environment", kLife},
    {"E33", "state.robust", "starts with the state that it left, and with a damaged one",
     "treat state that cannot be read as no state", kLife},
    {"E34", "memory.borrowed", "does not touch what it was lent once the loan is over",
     "copy what you keep; texts have a length and no final NUL", kLife},
    {"E35", "memory.pointers", "hands over bytes that are there, and text in UTF-8",
     "give ptr and len of the same text, and replace what is no UTF-8", kLife},
    {"E36", "threads.marks", "uses a call's handle only on the thread that entered it",
     "gather in your threads and emit in the call; only unity_host and unity_stream may be shared",
     kLife},
    {"E37", "cancel.prompt", "returns within its grace when it is cancelled, whenever that is",
     "poll cancel_fd beside your own descriptors, or look at is_cancelled() in loops", kLife},
    {"E38", "cancel.deadline", "returns in time when its deadline is near or has passed",
     "compare deadline_mono_ns with now_mono_ns before subtracting", kLife},
    {"E39", "life.reconfigure", "takes its own options again, and goes on if it refuses others",
     "check new options before giving up the old ones", kLife},
    {"E40", "stream.behaved",
     "streams: ready once, waits when pushed back, restarts from checkpoints",
     "say ready() once; on UNITY_E_AGAIN wait or drop; join all threads", kLife},
    {"E41", "memory.exceptions", "lets no exception out and survives when memory runs out",
     "catch everything at the ABI, as the C++ SDK does; look at what malloc() returns", kLife},
    {"E42", "process.hygiene", "leaves the process as it was",
     "leave signals, locale, folder, umask, environment, output and children alone", kLife},
    {"E44", "time.jumps", "goes on when clocks jump, and takes the time from its host",
     "use now_mono_ns() for spans and now_unix_ns() for times; expect any step", kLife},

    {"F46", "fuzz.scenarios", "survives random calls, options, faults and tokens",
     "run the scenario again with --only F46 --reproduce and its number", kLife},
};

constexpr LeftOut kLeftOut[] = {
    {"Signatures", "deferred: no host verifies any yet"},
    {"B14, evolution against an older build", "there is nothing to compare with"},
    {"B15, least permissions",
     "what a run used is not recorded; the worker's confinement denies the rest"},
    {"C17, a log of the system calls of the entry",
     "threads, descriptors and allocations are compared instead"},
    {"E25, E28 under sanitizers", "build the plugin and the host with one, and run the same check"},
    {"E37, a target that answers nothing",
     "the checker knows no plugin's target; give one by --config"},
    {"E43, the same rows from a worker", "the checker has no worker"},
    {"E45, budgets against a baseline", "no baseline is kept"},
    {"Record and replay", "deferred"},
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
