// Any text as what a collector emitted, as lines and as an array. The strict reader is the judge:
// the reader that the host uses must give just what the strict one gives, record by record.
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "require.hpp"
#include "strict_reader.hpp"
#include "unity/core/json/record_reader.hpp"
#include "unity/core/json/record_writer.hpp"
#include "unity/core/json/stored_record.hpp"

namespace {

using unity::Emission;
using unity::Record;
using unity::fuzz::require;
using unity::json::ReadRecords;
using unity::json::RecordReader;

bool same(const Record& a, const Record& b) {
  return a.metric == b.metric && a.time == b.time && a.time_text == b.time_text &&
         a.tags == b.tags && a.fields == b.fields && a.summary == b.summary;
}

// As the pipeline does it: each record in the memory of the one before.
ReadRecords read(const Emission& emission) {
  ReadRecords out;
  RecordReader reader(emission);
  Record record;
  unity::json::UnreadableRecord bad;
  while (true) {
    switch (reader.next(record, bad)) {
      case RecordReader::Next::record:
        require(same(reader.emitted(), record), "emitted() gives the record once more");
        out.records.push_back(record);
        break;
      case RecordReader::Next::unreadable:
        out.unreadable.push_back(std::exchange(bad, {}));
        break;
      case RecordReader::Next::end:
        return out;
    }
  }
}

ReadRecords read_lines_strictly(std::string_view text) {
  ReadRecords out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
    if (!line.empty()) unity::json::read_strictly(line, false, out);
  }
  return out;
}

ReadRecords read_array_strictly(std::string_view text) {
  ReadRecords out;
  unity::json::read_strictly(text, true, out);
  return out;
}

void require_same(const ReadRecords& read, const ReadRecords& strict) {
  require(read.records.size() == strict.records.size(), "both readers take as many records");
  for (std::size_t i = 0; i < read.records.size(); ++i) {
    require(same(read.records[i], strict.records[i]), "both readers take the same records");
  }
  require(read.unreadable.size() == strict.unreadable.size(), "both readers refuse as many");
  for (std::size_t i = 0; i < read.unreadable.size(); ++i) {
    require(read.unreadable[i].text == strict.unreadable[i].text &&
                read.unreadable[i].detail == strict.unreadable[i].detail,
            "both readers refuse the same, with the same reason");
  }
}

// What is true of every answer, whatever was read.
void require_sane(const ReadRecords& read, const std::string& text) {
  for (const auto& record : read.records) {
    require(!record.metric.empty() && !record.fields.empty(), "a record has a metric and a field");
    const auto written = unity::json::to_json(record);
    const auto again = read_lines_strictly(written);
    require(again.records.size() == 1 && again.unreadable.empty() &&
                unity::json::to_json(again.records[0]) == written,
            "a record that was written reads the same");
    const auto stored = unity::json::from_stored_json(unity::json::to_stored_json(record));
    require(stored && same(*stored, record), "a record that was stored reads the same");
  }
  for (const auto& bad : read.unreadable) {
    require(!bad.detail.empty(), "what is unreadable has a reason");
    require(text.find(bad.text) != text.npos, "what is unreadable is there as it was emitted");
  }
}

void check(const std::string& text) {
  const auto lines = read({Emission::Format::ndjson, text, {}, {}});
  require_same(lines, read_lines_strictly(text));
  require_sane(lines, text);

  const auto array = read({Emission::Format::json_array, text, {}, {}});
  require_same(array, read_array_strictly(text));
  require_sane(array, text);

  (void)unity::json::read_payload(text);
  if (const auto stored = unity::json::from_stored_json(text)) {
    const auto written = unity::json::to_stored_json(*stored);  // as text: a NaN equals no other
    const auto again = unity::json::from_stored_json(written);
    require(again && unity::json::to_stored_json(*again) == written,
            "what was stored reads the same once more");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Readers remember on their thread what they have read; here each input is read as the first, so
  // that one which fails does so by itself.
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::thread([&] { check(text); }).join();
  return 0;
}
