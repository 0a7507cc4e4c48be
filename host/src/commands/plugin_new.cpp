// `unity plugin new`: a project for a plugin, made from the files in share/unity/templates. A file
// NAME.in becomes NAME, with the words between @ replaced.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <system_error>
#include <vector>

#include "commands/support.hpp"
#include "unity/core/base/result.hpp"

namespace unity::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNameMax = 64;
constexpr std::size_t kIdMax = 100;
constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kDigits = "0123456789";

// Names that CMake, Cargo or a language has taken.
constexpr std::array<std::string_view, 23> kTaken = {
    "all",  "clean", "collector", "cmake",   "core", "crate", "default", "edit",
    "help", "if",    "install",   "package", "self", "std",   "super",   "target",
    "test", "tests", "build",     "src",     "mod",  "unity", "options"};

// What stands in the templates between @, and what takes its place.
using Words = std::map<std::string, std::string>;

fs::path template_dir() {
  std::error_code error;
  const auto binary = fs::read_symlink("/proc/self/exe", error);
  return (binary.parent_path() / ".." / "share" / "unity" / "templates").lexically_normal();
}

bool consists_of(std::string_view text, std::initializer_list<std::string_view> sets) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return std::any_of(sets.begin(), sets.end(),
                       [c](std::string_view set) { return set.find(c) != set.npos; });
  });
}

// The mistake in a name, or nothing.
std::string mistake_in_name(const std::string& name) {
  if (name.empty() || name.size() > kNameMax || kLower.find(name.front()) == kLower.npos ||
      !consists_of(name, {kLower, kDigits, "-_"}) || name.back() == '-' || name.back() == '_') {
    return fmt::format(
        "a plugin's name has 1 to {} of the characters a-z, 0-9, '-' and '_', begins with a letter "
        "and ends with a letter or a digit; \"{}\" does not: choose another folder",
        kNameMax, name);
  }
  if (std::find(kTaken.begin(), kTaken.end(), name) != kTaken.end()) {
    return fmt::format("the name \"{}\" means something to the build: choose another folder", name);
  }
  return {};
}

std::string mistake_in_id(const std::string& id) {
  const auto usable = [](char c) {
    return (c >= 'A' && c <= 'Z') || kLower.find(c) != kLower.npos ||
           kDigits.find(c) != kDigits.npos || c == '_' || c == '-' || c == '.';
  };
  if (!id.empty() && id.size() <= kIdMax && std::all_of(id.begin(), id.end(), usable) &&
      !id.starts_with("unity.")) {
    return {};
  }
  return fmt::format(
      "an id has 1 to {} letters, digits, '_', '-' and '.', and does not begin with \"unity.\"; "
      "\"{}\" does not fit: choose another for --id, such as org.example.disk-health",
      kIdMax, id);
}

// disk-health: disk_health, DiskHealth; and how it is built, as its README and we say.
Words words_of(const PluginNewOptions& options, const std::string& name, const std::string& id) {
  std::string identifier;
  std::string type;
  bool capital = true;
  for (const char c : name) {
    const bool gap = c == '-' || c == '_';
    identifier += gap ? '_' : c;
    if (!gap) type += capital && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    capital = gap;
  }
  const bool cargo = options.language == "rust";
  return {
      {"NAME", name},
      {"ID", id},
      {"IDENTIFIER", identifier},
      {"TYPE", type},
      {"LIBRARY", (cargo ? "dist/" : "build/") + name + ".so"},
      {"BUILD", cargo ? "cargo test && ./package"
                      : "cmake -S . -B build && cmake --build build && ctest --test-dir build"}};
}

std::string fill_in(std::string text, const Words& words) {
  for (const auto& [word, value] : words) {
    const auto mark = '@' + word + '@';
    for (std::size_t at = 0; (at = text.find(mark, at)) != text.npos; at += value.size()) {
      text.replace(at, mark.size(), value);
    }
  }
  return text;
}

Error failed(const std::string& attempt, const fs::path& what, const std::error_code& why) {
  return {Errc::internal, fmt::format("cannot {} {}: {}", attempt, what.string(), why.message())};
}

Result<void> write_one(const fs::path& from, fs::path to, const Words& words) {
  std::ifstream source(from, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(source)), std::istreambuf_iterator<char>());
  if (to.extension() == ".in") {
    to.replace_extension();
    text = fill_in(std::move(text), words);
  }
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  std::ofstream target(to, std::ios::binary);
  target << text;
  target.close();
  if (!source || !target) {
    return failed("write", to, std::make_error_code(std::errc::io_error));
  }
  // Scripts stay executable.
  fs::permissions(to, fs::status(from).permissions(), error);
  if (error) return failed("set the permissions of", to, error);
  return {};
}

Result<void> write_all(const fs::path& from, const fs::path& to, const Words& words) {
  std::error_code error;
  if (!fs::exists(from, error)) return {};
  for (fs::recursive_directory_iterator at(from, error), end; !error && at != end;
       at.increment(error)) {
    if (!at->is_regular_file()) continue;
    const auto written = write_one(at->path(), to / fs::relative(at->path(), from), words);
    if (!written) return written.error();
  }
  if (error) return failed("read the templates in", from, error);
  return {};
}

// An empty or missing folder will do: nothing of anybody's is overwritten.
Result<void> check_folder(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) return {};
  if (fs::is_directory(folder, error) && fs::is_empty(folder, error) && !error) return {};
  return Error{Errc::refused,
               fmt::format("cannot make a project in {}: it is not an empty folder; name one that "
                           "does not exist yet",
                           folder.string())};
}

}  // namespace

int plugin_new_command(const PluginNewOptions& options) {
  auto folder = fs::absolute(options.folder).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // "thing/"
  const auto name = folder.filename().string();
  const auto id = options.id.empty() ? "example." + name : options.id;
  for (const auto& mistake : {mistake_in_name(name), mistake_in_id(id)}) {
    if (mistake.empty()) continue;
    std::cerr << "unity: " << mistake << "\n";
    return kExitUsage;
  }
  if (const auto usable = check_folder(folder); !usable) return report(usable.error());

  const auto templates = template_dir();
  if (!fs::is_directory(templates / options.language)) {
    return report({Errc::unavailable,
                   fmt::format("cannot find the templates of the plugin SDK in {}; install Unity "
                               "with its SDK (cmake --install)",
                               templates.string())});
  }
  const auto words = words_of(options, name, id);
  const std::string kind = options.streaming ? "streaming" : "polled";
  // From the general to the special.
  std::vector<fs::path> parts = {"shared"};
  if (options.language != "rust") parts.push_back("cmake");
  parts.push_back(options.language);
  for (const auto& part : parts) {
    for (const auto& half : {templates / part / "common", templates / part / kind}) {
      const auto written = write_all(half, folder, words);
      if (!written) return report(written.error());
    }
  }
  print(fill_in(fmt::format("made {0}: a {1} collector in {2}, plugin @ID@. Next:\n"
                            "  cd {0}\n  @BUILD@\n  unity plugin run @LIBRARY@ --once\n",
                            options.folder.string(), kind, options.language),
                words));
  return kExitDone;
}

}  // namespace unity::host
