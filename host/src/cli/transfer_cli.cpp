// The command line of `unity export` and `unity import`.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "cli/options.hpp"
#include "commands/transfer.hpp"

namespace unity::host {

void add_transfer_commands(CLI::App& root, Command& chosen) {
  const auto out = std::make_shared<ExportCommandOptions>();
  auto* exporting = add_command(root, "export",
                                "Write all that is stored into files, also beside a running host");
  exporting
      ->add_option("--format", out->format,
                   fmt::format("One of {}", fmt::join(db::export_formats(), ", ")))
      ->check(CLI::IsMember(db::export_formats()))
      ->capture_default_str();
  exporting
      ->add_option("--output", out->output,
                   "A folder (csv, jsonl) or a file (json, sqlite) to make")
      ->required();
  exporting->add_option("--table", out->tables, "Only this table (repeatable)");
  exporting->add_option("--since", out->since,
                        "Leave out older rows of tables that grow with time: RFC 3339, or -7d; the "
                        "day of UTC in which it is comes whole");
  take_config(exporting, out->common);
  take_storage(exporting, out->common);
  take_json(exporting, out->common.json);
  exporting->callback([out, &chosen] { chosen = [out] { return export_command(*out); }; });

  const auto in = std::make_shared<ImportCommandOptions>();
  auto* importing = add_command(root, "import", "Bring an export into an empty database");
  importing->add_option("--input", in->input, "What `unity export` made")->required();
  importing->add_flag("--verify", in->verify,
                      "Read all of it back and compare; leaves with 3 if it differs");
  take_config(importing, in->common);
  take_storage(importing, in->common);
  take_json(importing, in->common.json);
  importing->callback([in, &chosen] { chosen = [in] { return import_command(*in); }; });
}

}  // namespace unity::host
