// One function for each stage: reads its options and returns what makes it. The line in
// registry.cpp gives it its name.
#pragma once

#include "unity/core/processors/stage.hpp"

namespace unity {

StageMaker read_cardinality(Options& options);
StageMaker read_cast(Options& options);
StageMaker read_convert(Options& options);
StageMaker read_dedup(Options& options);
StageMaker read_derive(Options& options);
StageMaker read_enrich(Options& options);
StageMaker read_enum_map(Options& options);
StageMaker read_filter(Options& options);
StageMaker read_nulls(Options& options);
StageMaker read_rate(Options& options);
StageMaker read_regex(Options& options);
StageMaker read_rename(Options& options);
StageMaker read_round(Options& options);
StageMaker read_scale(Options& options);
StageMaker read_summary(Options& options);
StageMaker read_timestamp(Options& options);
StageMaker read_validate(Options& options);

}  // namespace unity
