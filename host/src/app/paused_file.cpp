#include "app/paused_file.hpp"

#include <fmt/format.h>

#include "base/durable_file.hpp"
#include "unity/core/json/value.hpp"

namespace unity::host {
namespace {

std::filesystem::path file_in(const std::filesystem::path& state_dir) {
  return state_dir / "paused.json";
}

}  // namespace

Result<std::set<std::string>> read_paused(const std::filesystem::path& state_dir) {
  const auto file = file_in(state_dir);
  const auto text = read_if_there(file);
  if (!text) return text.error();
  std::set<std::string> ids;
  if (!*text) return ids;
  const auto list = json::parse(**text);
  const auto* array = list ? list->array() : nullptr;
  bool good = array != nullptr;
  if (good) {
    for (const auto& id : *array) {
      good = good && id.string() != nullptr;
      if (good) ids.insert(*id.string());
    }
  }
  if (good) return ids;
  return Error{
      Errc::invalid,
      fmt::format("{} is not a list of collectors, so it is unknown which ones an operator "
                  "paused; mend it, or remove it to resume all of them",
                  file.string())};
}

Result<void> write_paused(const std::filesystem::path& state_dir,
                          const std::set<std::string>& ids) {
  json::Array list;
  for (const auto& id : ids) list.emplace_back(id);
  return write_durably(file_in(state_dir), json::dump(json::Value(std::move(list))) + "\n");
}

}  // namespace unity::host
