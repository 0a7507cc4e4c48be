// Puts the values of options into paths: "{root}/proc" is "/host/proc" for root: /host.
#include <fmt/format.h>

#include <filesystem>

#include "unity/core/model/permissions.hpp"

namespace unity {
namespace {

struct OptionPath {
  std::string option;  // its name
  std::string rest;    // what follows its value
};

OptionPath split(const std::string& path) {
  const auto end = path.find('}');
  return {path.substr(1, end - 1), path.substr(end + 1)};
}

// `value` and `rest` as one full and normal path, or nothing.
std::string joined(const std::string& value, const std::string& rest) {
  if (!value.starts_with('/') || value.find('\0') != value.npos) return {};
  auto path = std::filesystem::path(value + rest).lexically_normal().string();
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

class Resolver {
 public:
  Resolver(const json::Value& options, std::vector<PermissionProblem>& problems)
      : options_(options), problems_(problems) {}

  // Adds what `file` comes to.
  void resolve(const FilePermission& file, Permissions& into) {
    if (!file.path.starts_with('{')) return add(file, file.path, into);
    const auto [option, rest] = split(file.path);
    const auto* value = options_.find(option);
    if (value == nullptr || value->is_null()) return;
    if (const auto* list = value->array()) {
      for (std::size_t i = 0; i < list->size(); ++i) {
        one((*list)[i], fmt::format("/{}/{}", option, i), file, rest, into);
      }
    } else {
      one(*value, "/" + option, file, rest, into);
    }
  }

 private:
  void one(const json::Value& value, std::string pointer, const FilePermission& file,
           const std::string& rest, Permissions& into) {
    const auto* text = value.string();
    if (text != nullptr && text->empty()) return;
    auto path = text != nullptr ? joined(*text, rest) : std::string();
    if (!path.empty()) return add(file, std::move(path), into);
    problems_.push_back(
        {std::move(pointer), false,
         fmt::format("must be a full path, one that begins with '/': the permission \"{}\" of the "
                     "plugin stands on it",
                     to_text(file))});
  }

  static void add(const FilePermission& file, std::string path, Permissions& into) {
    Permissions one;
    one.files = {{std::move(path), file.read, file.write, file.execute}};
    into = unite_permissions(into, one);
  }

  const json::Value& options_;
  std::vector<PermissionProblem>& problems_;
};

}  // namespace

Permissions resolve_options(Permissions permissions, const json::Value& options,
                            std::vector<PermissionProblem>& problems) {
  const auto declared = std::move(permissions.files);
  permissions.files.clear();
  Resolver resolver(options, problems);
  for (const auto& file : declared) resolver.resolve(file, permissions);
  return permissions;
}

}  // namespace unity
