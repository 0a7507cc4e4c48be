// The command line of `unity dataset`.
#include <memory>

#include "cli/options.hpp"
#include "commands/dataset.hpp"

namespace unity::host {
namespace {

using DatasetIn = std::shared_ptr<DatasetOptions>;  // lives as long as the command line

CLI::App* add_dataset(CLI::App& parent, const DatasetIn& in, Command& chosen,
                      const std::string& name, const std::string& help,
                      int (*command)(const DatasetOptions&)) {
  auto* app = add_command(parent, name, help);
  take_config(app, in->common);
  take_storage(app, in->common);
  take_json(app, in->common.json);
  app->callback([in, command, &chosen] { chosen = [in, command] { return command(*in); }; });
  return app;
}

}  // namespace

void add_dataset_commands(CLI::App& root, Command& chosen) {
  auto* dataset = add_command(root, "dataset", "Look after the tables of datasets");
  dataset->require_subcommand(1);
  const auto in = std::make_shared<DatasetOptions>();

  add_dataset(*dataset, in, chosen, "list", "The datasets of a database, and how they are",
              dataset_list_command);
  auto* show =
      add_dataset(*dataset, in, chosen, "show", "The columns of a dataset", dataset_show_command);
  show->add_option("NAME", in->name, "The dataset")->required();
  auto* changes =
      add_dataset(*dataset, in, chosen, "changes",
                  "What was decided about their tables, newest first", dataset_changes_command);
  changes->add_option("NAME", in->name, "Only of this dataset");
  changes->add_flag("-v,--verbose", in->verbose, "With the SQL");
  auto* prune = add_dataset(*dataset, in, chosen, "prune",
                            "Drop columns that are no longer declared and whose rows are no longer "
                            "kept; without --confirm only say which",
                            dataset_prune_command);
  prune->add_option("NAME", in->name, "Only of this dataset");
  prune->add_flag("--confirm", in->confirm, "What is in them may go for good");
}

}  // namespace unity::host
