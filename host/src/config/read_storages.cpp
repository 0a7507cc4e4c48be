#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <system_error>

#include "config/sections.hpp"
#include "unity/core/base/suggest.hpp"

namespace unity::host {
namespace {

// The id names files of the spool, whose own names have dots.
void read_id(Reader& reader, const Entry& entry, StorageConfig& storage) {
  const auto id = reader.name(entry);
  if (!id) return;
  if (id->find('.') == id->npos) {
    storage.id = *id;
  } else {
    reader.error(entry.value.place, "the `id` of a storage must be without dots: it names files");
  }
}

constexpr Key<StorageConfig> kKeys[] = {
    {"id", read_id},
    {"required",
     [](Reader& r, const Entry& e, StorageConfig& s) { assign(s.required, r.flag(e)); }},
    {"batch_size", [](Reader& r, const Entry& e,
                      StorageConfig& s) { assign(s.batch_size, r.whole(e, 1, 100'000)); }},
    {"batch_timeout",
     [](Reader& r, const Entry& e, StorageConfig& s) {
       assign(s.batch_timeout, r.duration(e, Duration::zero(), kLongestWait));
     }},
};

// Also what looks like one that was mistyped, so that the message about it has the right one.
bool is_own_key(const std::string& key) {
  std::vector<std::string> names;
  for (const auto& own : kKeys) names.emplace_back(own.name);
  return nearest(key, names).has_value();
}

std::string name_of(const Node& node) {
  const auto* id = node.find("id");
  const bool known = id != nullptr && id->value.kind == Node::Kind::scalar;
  return known ? fmt::format("storage `{}`", id->value.text) : std::string("this storage");
}

// An entry has the keys of a storage beside those of `database`: each is read by its own reader.
StorageConfig read_entry(Reader& reader, const Node& node, const CollectionConfig& collection) {
  StorageConfig storage;
  storage.id.clear();
  storage.batch_size = collection.batch_size;
  storage.batch_timeout = collection.batch_timeout;
  const auto* path = node.find("path");
  storage.location = (path != nullptr ? path->value.place : node.place).location();

  Node own = node;
  std::erase_if(own.entries, [](const Entry& entry) { return !is_own_key(entry.key); });
  reader.mapping(own, name_of(node), kKeys, storage);

  Entry database{"storages", node.place, node};
  std::erase_if(database.value.entries, [](const Entry& entry) { return is_own_key(entry.key); });
  storage.database.path = default_database_path(storage);
  read_database(reader, database, storage.database);

  if (node.find("id") == nullptr) {
    reader.error(node.place, "this storage needs the key `id`");
  }
  return storage;
}

}  // namespace

std::filesystem::path default_database_path(const StorageConfig& storage) {
  return storage.id == StorageConfig().id || storage.id.empty() ? "unity.db" : storage.id + ".db";
}

void read_storages(Reader& reader, const Entry& entry, const CollectionConfig& collection,
                   std::vector<StorageConfig>& storages) {
  if (entry.value.kind != Node::Kind::list || entry.value.items.empty()) {
    return reader.error(entry.value.place,
                        "`storages` must be a list: `- id: …` lines, one for each database");
  }
  std::vector<StorageConfig> found;
  std::map<std::string, Place> ids;
  for (const auto& item : entry.value.items) {
    if (item.kind != Node::Kind::mapping) {
      reader.error(item.place, "each entry of `storages` must be a mapping with `id`");
      continue;
    }
    auto storage = read_entry(reader, item, collection);
    if (!storage.id.empty()) {
      const auto place = item.find("id")->value.place;
      const auto [first, is_new] = ids.emplace(storage.id, place);
      if (!is_new) {
        reader.error(place, fmt::format("the id `{}` is already used at {}; ids are unique",
                                        storage.id, first->second.location().text()));
      }
    }
    found.push_back(std::move(storage));
  }
  if (found.empty()) return;
  storages = std::move(found);
  const auto required = [](const StorageConfig& storage) { return storage.required; };
  if (std::none_of(storages.begin(), storages.end(), required)) {
    reader.error(entry.key_place,
                 "at least one storage must be `required: true`: else records are only kept until "
                 "there is no room for them");
  }
}

}  // namespace unity::host
