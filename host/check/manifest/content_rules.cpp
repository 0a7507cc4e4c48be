// B13, B14: the options that it takes and the metrics that it declares.
#include <algorithm>

#include "check/manifest/complaints.hpp"
#include "check/manifest/rules.hpp"
#include "plugin/elf_note.hpp"
#include "unity/core/json/schema.hpp"
#include "unity/core/model/manifest.hpp"
#include "unity/core/units/units.hpp"

namespace unity::check {
namespace {

constexpr std::size_t kDeepest = 32;

// Words that stand alone or between '_' in the name of an option that holds a secret.
bool names_a_secret(std::string_view name) {
  static constexpr std::string_view words[] = {
      "password", "passwd", "passphrase",  "secret",     "token",
      "api_key",  "apikey", "private_key", "credential", "credentials"};
  std::string padded = "_" + std::string(name) + "_";
  std::transform(padded.begin(), padded.end(), padded.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '-' ? '_' : c;
  });
  return std::any_of(std::begin(words), std::end(words), [&](auto word) {
    return padded.find("_" + std::string(word) + "_") != padded.npos;
  });
}

void check_property(const std::string& at, const std::string& name, const json::Value& schema,
                    Findings& findings) {
  const auto* reference = schema.find("$ref");
  const auto* type = schema.find("type");
  const bool text = type == nullptr || (type->string() != nullptr && *type->string() == "string");
  if (names_a_secret(name) && text && (reference == nullptr || *reference != "unity:secret")) {
    findings.fail(
        "{}: it looks like a secret and is plain text; declare it as "
        "{{\"$ref\": \"unity:secret\"}}",
        at);
  }
  if (schema.find("description") == nullptr && schema.find("title") == nullptr) {
    findings.warn("{}: it has neither title nor description", at);
  }
}

void check_value(const std::string& at, const json::Value& schema, const json::Value& value,
                 const char* what, Findings& findings) {
  const auto compiled = json::Schema::compile(schema);
  if (!compiled) return;
  auto copy = value;
  for (const auto& mismatch : compiled->check(copy)) {
    findings.fail("{}: its {} {}{} {}", at, what, json::dump(value),
                  mismatch.pointer.empty() ? "" : " at " + mismatch.pointer, mismatch.message);
  }
}

void check_schema(const std::string& at, const json::Value& schema, std::size_t depth,
                  Findings& findings) {
  if (depth > kDeepest || schema.object() == nullptr) return;
  if (const auto* value = schema.find("default")) {
    check_value(at, schema, *value, "default", findings);
  }
  if (const auto* examples = schema.find("examples"); examples && examples->array()) {
    for (const auto& example : *examples->array()) {
      check_value(at, schema, example, "example", findings);
    }
  }
  if (const auto* properties = schema.find("properties"); properties && properties->object()) {
    for (const auto& [name, property] : *properties->object()) {
      const auto below = at + "/properties/" + name;
      check_property(below, name, property, findings);
      check_schema(below, property, depth + 1, findings);
    }
    if (const auto* more = schema.find("additionalProperties"); more == nullptr || *more != false) {
      findings.warn(
          "{}: options that it does not know are accepted without a word; say "
          "\"additionalProperties\": false",
          at);
    }
  }
  if (const auto* items = schema.find("items")) {
    check_schema(at + "/items", *items, depth + 1, findings);
  }
}

// What every database takes as the name of a column, and every query as a word.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 &&
         ((name[0] >= 'a' && name[0] <= 'z') || (name[0] >= 'A' && name[0] <= 'Z')) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '.' || c == '-';
         });
}

void check_field(const std::string& metric, const FieldSpec& field, Findings& findings) {
  const std::string name = field.name;
  const std::string unit = field.unit;
  if (!is_plain_name(name)) {
    findings.fail(
        "metric \"{}\": the name of field \"{}\" must begin with a letter and hold "
        "letters, digits, '_', '-' and '.' only",
        metric, name);
  }
  if (!unit.empty()) {
    if (const auto known = parse_unit(unit); !known) {
      findings.fail("metric \"{}\", field \"{}\": {}", metric, name, known.error().message);
    }
  }
  if (field.minimum && field.maximum && *field.minimum > *field.maximum) {
    findings.fail("metric \"{}\", field \"{}\": minimum {} is above maximum {}", metric, name,
                  *field.minimum, *field.maximum);
  }
}

}  // namespace

void check_manifest_config(const Context& context, Findings& findings) {
  const auto text = host::read_manifest_note(context.image);
  if (!text) return findings.fail("{}", text.error().message);
  for (const auto& complaint : manifest_complaints(*text)) {
    if (complaint.about == Complaint::About::config) findings.fail("{}", complaint.text);
  }
  const auto document = json::parse(*text);
  const auto* collectors = document ? document->find("collectors") : nullptr;
  if (collectors == nullptr || collectors->array() == nullptr) return;
  std::size_t index = 0;
  for (const auto& collector : *collectors->array()) {
    const auto at = fmt::format("/collectors/{}/config", index++);
    if (const auto* schema = collector.find("config")) check_schema(at, *schema, 0, findings);
  }
}

void check_manifest_metrics(const Context& context, Findings& findings) {
  const auto text = host::read_manifest_note(context.image);
  if (!text) return findings.fail("{}", text.error().message);
  for (const auto& complaint : manifest_complaints(*text)) {
    if (complaint.about == Complaint::About::metrics) findings.fail("{}", complaint.text);
  }
  const auto manifest = parse_manifest(*text);
  if (!manifest) return;
  if (manifest->metrics.empty())
    findings.warn("it declares no metric: nothing it emits is accepted");
  for (const auto& metric : manifest->metrics) {
    const std::string name = metric.name;
    if (!is_plain_name(name)) {
      findings.fail(
          "the name of metric \"{}\" must begin with a letter and hold letters, digits, "
          "'_', '-' and '.' only",
          name);
    }
    for (const auto& field : metric.fields) check_field(name, field, findings);
  }
}

}  // namespace unity::check
