#include "unity/core/json/record_reader.hpp"

#include <algorithm>
#include <cassert>

#include "record_filler.hpp"
#include "strict_reader.hpp"

namespace unity::json {
namespace {

// One for each thread that reads records, so that neither readers nor pipelines, of which there
// may be ten thousand, need their own.
struct Workspace {
  RecordFiller filler;
  bool taken = false;
};

Workspace& workspace() {
  thread_local Workspace workspace;
  return workspace;
}

}  // namespace

// What the filler does not take is read once more by the strict reader, which can say why.
struct RecordReader::State {
  explicit State(const Emission& emission)
      : text(emission.text),
        array(emission.format == Emission::Format::json_array),
        in(text, !array) {
    assert(!space.taken);
    space.taken = true;
    if (!array) return;
    in.skip_blanks();
    if (!in.take('[')) read_again(text, 0);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { space.taken = false; }

  // The rest of `part`, after the records that were taken from it, by the strict reader.
  void read_again(std::string_view part, std::size_t taken) {
    again = {};
    read_strictly(part, array, again);
    next_record = taken;
    next_unreadable = 0;
    array_read = array;
  }

  Next next_queued(Record& record, UnreadableRecord& bad) {
    if (next_record < again.records.size()) {
      last = again.texts[next_record];
      record = std::move(again.records[next_record++]);
      return Next::record;
    }
    if (next_unreadable == again.unreadable.size()) return Next::end;
    bad = std::move(again.unreadable[next_unreadable++]);
    return Next::unreadable;
  }

  // The record that begins here.
  bool fill(Record& record) {
    const auto from = in.offset();
    if (!space.filler.fill(in, record)) return false;
    last = text.substr(from, in.offset() - from);
    return last.size() <= kRecordSizeMax;
  }

  Next next_element(Record& record, UnreadableRecord& bad) {
    if (array_read) return Next::end;
    in.skip_blanks();
    if (in.take(']')) {
      in.skip_blanks();
      array_read = in.at_end();
      if (array_read) return Next::end;
    } else if (count < kRecordsMax && (count == 0 || in.take_spaced(',')) && fill(record)) {
      return Next::record;
    }
    read_again(text, count);
    return next_queued(record, bad);
  }

  Next next_line(Record& record, UnreadableRecord& bad) {
    for (in.skip_blanks(); in.take('\n');) in.skip_blanks();
    if (in.at_end()) return Next::end;
    const auto from = in.offset();
    if (count < kRecordsMax && fill(record)) {
      in.skip_blanks();
      if (in.at_end() || in.take('\n')) return Next::record;
    }
    const auto newline = std::min(text.find('\n', from), text.size());
    const auto line = text.substr(from, newline - from);
    in.move_to(newline);
    if (count >= kRecordsMax) {
      bad = {kTooManyRecords, std::string(line)};
      in.move_to(text.size());
      return Next::unreadable;
    }
    read_again(line, 0);
    return next_queued(record, bad);
  }

  std::string_view text;
  bool array;
  bool array_read = false;  // to its end, perhaps by the strict reader
  Scanner in;
  Workspace& space = workspace();
  std::size_t count = 0;  // records and unreadable ones so far
  std::string_view last;  // the text of the newest record
  ReadRecords again;      // by the strict reader
  std::size_t next_record = 0;
  std::size_t next_unreadable = 0;
};

RecordReader::RecordReader(const Emission& emission) : state_(std::make_unique<State>(emission)) {}
RecordReader::~RecordReader() = default;

RecordReader::Next RecordReader::next(Record& record, UnreadableRecord& bad) {
  auto& state = *state_;
  auto result = state.next_queued(record, bad);
  if (result == Next::end) {
    result = state.array ? state.next_element(record, bad) : state.next_line(record, bad);
  }
  if (result != Next::end) ++state.count;
  return result;
}

Record RecordReader::emitted() const {
  ReadRecords read;
  read_strictly(state_->last, false, read);
  return read.records.empty() ? Record{} : std::move(read.records.front());
}

void read_records(const Emission& emission, ReadRecords& out) {
  RecordReader reader(emission);
  Record record;
  UnreadableRecord bad;
  while (true) {
    switch (reader.next(record, bad)) {
      case RecordReader::Next::record:
        out.records.push_back(std::exchange(record, {}));
        break;
      case RecordReader::Next::unreadable:
        out.unreadable.push_back(std::exchange(bad, {}));
        break;
      case RecordReader::Next::end:
        return;
    }
  }
}

}  // namespace unity::json
