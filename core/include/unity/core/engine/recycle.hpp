// Records that nobody needs any more, kept for their memory: the next one read into it allocates
// nothing. Each thread has its own few.
#pragma once

#include <vector>

#include "unity/core/model/record.hpp"

namespace unity {

// For whoever is the last to use the records of a run, on the thread that ran the pipeline.
void recycle(std::vector<Record>&& records);
void recycle(Record&& record);

// Appends a recycled record, or a new one. Its members hold what they held: it is for filling.
void append_recycled(std::vector<Record>& records);

}  // namespace unity
