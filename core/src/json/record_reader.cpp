#include "unity/core/json/record_reader.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "dom_record.hpp"
#include "strict_reader.hpp"

namespace unity::json {
namespace {

// Memory for texts up to this size is kept from emission to emission.
constexpr std::size_t kKeptSizeMax = std::size_t{256} << 10;

struct Workspace {
  simdjson::dom::parser parser;
  std::string padded;
  DomRecordFiller filler;
  bool taken = false;
};

// One for each thread that reads records, so that neither readers nor pipelines, of which there
// may be ten thousand, need their own.
Workspace& workspace() {
  thread_local Workspace workspace;
  return workspace;
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == line.npos; }

// Escapes of surrogates are left to the strict reader: libraries differ in what they take.
bool has_surrogate_escape(std::string_view text) {
  for (auto at = text.find('\\'); at != text.npos; at = text.find('\\', at + 2)) {
    if (at + 2 < text.size() && text[at + 1] == 'u' && (text[at + 2] | 0x20) == 'd') return true;
  }
  return false;
}

}  // namespace

struct RecordReader::State {
  explicit State(const Emission& emission)
      : text(emission.text), array(emission.format == Emission::Format::json_array) {
    assert(!space.taken);
    space.taken = true;
    if (array) open_array();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { space.taken = false; }

  // Parses `part` of the text; false if it is not plain JSON.
  bool parse(std::string_view part, simdjson::dom::element& root) {
    if (part.size() > kRecordSizeMax || (escapes && has_surrogate_escape(part))) return false;
    const char* begin = part.data();
    // simdjson reads beyond the end: what follows must be memory of ours.
    if (begin + part.size() + simdjson::SIMDJSON_PADDING > text.data() + text.size()) {
      auto& padded = part.size() <= kKeptSizeMax ? space.padded : large_text;
      padded.reserve(part.size() + simdjson::SIMDJSON_PADDING);
      padded.assign(part);
      begin = padded.data();
    }
    auto* parser = &space.parser;
    if (part.size() > kKeptSizeMax) {
      if (!large_parser) large_parser = std::make_unique<simdjson::dom::parser>();
      parser = large_parser.get();
    }
    return parser->parse(begin, part.size(), false).get(root) == simdjson::SUCCESS;
  }

  void open_array() {
    simdjson::dom::element root;
    simdjson::dom::array elements;
    if (parse(text, root) && root.get(elements) == simdjson::SUCCESS) {
      element = elements.begin();
      end = elements.end();
    } else {
      read_again(text, 0);
    }
  }

  // The rest of `part`, after the records that were taken from it, by the strict reader.
  void read_again(std::string_view part, std::size_t taken) {
    again = {};
    read_strictly(part, array, again);
    next_record = taken;
    next_unreadable = 0;
    if (array) from = text.size();
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

  Next next_element(Record& record, UnreadableRecord& bad) {
    if (from == text.size()) return Next::end;  // the strict reader has read it
    if (!(element != end)) return Next::end;
    if (count < kRecordsMax && space.filler.fill(*element, record)) {
      last = {};
      last_element = *element;
      ++element;
      return Next::record;
    }
    read_again(text, count);
    return next_queued(record, bad);
  }

  Next next_line(Record& record, UnreadableRecord& bad) {
    while (from < text.size()) {
      const auto* newline =
          static_cast<const char*>(std::memchr(text.data() + from, '\n', text.size() - from));
      const auto line_end =
          newline != nullptr ? static_cast<std::size_t>(newline - text.data()) : text.size();
      const auto line = text.substr(from, line_end - from);
      from = std::min(line_end + 1, text.size());
      if (is_blank(line)) continue;
      if (count >= kRecordsMax) {
        bad = {kTooManyRecords, std::string(line)};
        from = text.size();
        return Next::unreadable;
      }
      simdjson::dom::element root;
      if (parse(line, root) && space.filler.fill(root, record)) {
        last = line;
        return Next::record;
      }
      read_again(line, 0);
      return next_queued(record, bad);
    }
    return Next::end;
  }

  std::string_view text;
  bool escapes = text.find('\\') != text.npos;  // searched at once, which is faster than by line
  bool array;
  Workspace& space = workspace();
  std::size_t from = 0;   // what is before it has been read
  std::size_t count = 0;  // records and unreadable ones so far
  std::string_view last;  // the text of the newest record; empty: it is `last_element`
  simdjson::dom::element last_element;
  simdjson::dom::array::iterator element;
  simdjson::dom::array::iterator end;
  ReadRecords again;  // by the strict reader
  std::size_t next_record = 0;
  std::size_t next_unreadable = 0;
  std::unique_ptr<simdjson::dom::parser> large_parser;
  std::string large_text;
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
  // simdjson does not say where in an array an element stood.
  const auto text =
      state_->last.empty() ? simdjson::minify(state_->last_element) : std::string(state_->last);
  ReadRecords read;
  read_strictly(text, false, read);
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
