// `unity dataset ...`: the tables of datasets.
#pragma once

#include <string>

#include "commands/commands.hpp"

namespace unity::host {

struct DatasetOptions {
  CommonOptions common;
  std::string name;      // of a dataset; empty: all
  bool verbose = false;  // with the SQL
  bool confirm = false;
};

int dataset_list_command(const DatasetOptions& options);
int dataset_show_command(const DatasetOptions& options);
int dataset_changes_command(const DatasetOptions& options);
int dataset_prune_command(const DatasetOptions& options);

}  // namespace unity::host
