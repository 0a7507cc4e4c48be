// `unity export` and `unity import`: what a database holds, into files and back.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "commands/commands.hpp"
#include "unity/core/json/value.hpp"
#include "unity/db/transfer.hpp"

namespace unity::host {

struct ExportCommandOptions {
  CommonOptions common;
  std::string format = "jsonl";
  std::string output;
  std::vector<std::string> tables;
  std::string since;
};
int export_command(const ExportCommandOptions& options);

struct ImportCommandOptions {
  CommonOptions common;
  std::string input;
  bool verify = false;
};
int import_command(const ImportCommandOptions& options);

// On a terminal a line that changes, else a line for each table; to standard error.
class TransferScreen {
 public:
  TransferScreen();
  ~TransferScreen();
  db::OnTransferProgress listener();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

json::Value to_json(const db::TransferSummary& summary);

}  // namespace unity::host
