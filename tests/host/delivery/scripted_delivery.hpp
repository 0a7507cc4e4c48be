// A delivery in a temporary folder, with a real spool, in front of scripted databases.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "delivery/delivery.hpp"
#include "host/delivery/held_spool.hpp"
#include "host/delivery/scripted_database.hpp"

namespace unity::host {

inline StorageSpec scripted_storage(std::string id, StorageScript& script,
                                    std::size_t batch_size = 100) {
  StorageSpec spec;
  spec.id = std::move(id);
  spec.batch_size = batch_size;
  spec.open = [&script]() -> Result<std::unique_ptr<db::Database>> {
    return std::unique_ptr<db::Database>(std::make_unique<ScriptedDatabase>(script));
  };
  spec.database = std::make_unique<ScriptedDatabase>(script);
  return spec;
}

inline std::unique_ptr<Delivery> open_delivery(const std::filesystem::path& folder,
                                               std::vector<StorageSpec> storages,
                                               db::SpoolConfig config = {},
                                               CursorDisk* disk = nullptr) {
  config.folder = folder / "spool";
  config.min_free_bytes = 0;
  for (const auto& storage : storages) config.consumers.push_back({storage.id, storage.required});
  auto spool = db::open_spool(std::move(config));
  auto letters = db::DeadLetters::open(folder / "dead-letters.db");
  if (!spool || !letters) {
    ADD_FAILURE() << (spool ? letters.error().message : spool.error().message);
    return nullptr;
  }
  if (disk != nullptr) {
    *spool = std::make_unique<HeldSpool>(std::move(*spool), storages.front().id, *disk);
  }
  return std::make_unique<Delivery>(std::move(*spool), std::move(*letters), std::move(storages),
                                    "box");
}

inline std::unique_ptr<Delivery> open_delivery(const std::filesystem::path& folder,
                                               StorageScript& script,
                                               std::size_t batch_size = 100) {
  std::vector<StorageSpec> storages;
  storages.push_back(scripted_storage("main", script, batch_size));
  return open_delivery(folder, std::move(storages));
}

}  // namespace unity::host
