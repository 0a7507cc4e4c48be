#include <fmt/format.h>

#include <set>

#include "config/options.hpp"
#include "config/sections.hpp"
#include "unity/core/processors/row_maker.hpp"

namespace unity::host {

void read_datasets(const Entry& entry, std::vector<DatasetSpec>& datasets,
                   Diagnostics& diagnostics) {
  if (entry.value.kind == Node::Kind::null) return;
  const auto source = read_options(entry.value);
  const auto place = entry.value.place.location();
  const auto* list = source.value.array();
  if (list == nullptr) {
    return diagnostics.error(place, "datasets: must be a list of datasets: `- name: …` entries");
  }
  std::set<std::string> names;
  for (std::size_t i = 0; i < list->size(); ++i) {
    std::vector<DatasetProblem> problems;
    auto dataset = read_dataset((*list)[i], true, problems);
    dataset.owner = kOperator;
    if (problems.empty()) RowMaker::make(dataset, problems);
    if (problems.empty() && !names.insert(dataset.name).second) {
      problems.push_back({"/name", fmt::format("dataset \"{}\" appears twice", dataset.name)});
    }
    for (const auto& problem : problems) {
      diagnostics.error(source.locate(fmt::format("/{}{}", i, problem.pointer), place),
                        fmt::format("datasets: {}", problem.message));
    }
    if (problems.empty()) datasets.push_back(std::move(dataset));
  }
  if (datasets.size() > kDatasetsMax) {
    diagnostics.error(place, fmt::format("datasets: more than {} datasets", kDatasetsMax));
  }
}

}  // namespace unity::host
