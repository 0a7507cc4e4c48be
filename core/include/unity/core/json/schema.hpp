// The part of JSON Schema (2020-12) that manifests may use for the options of a collector:
//   type, title, description, examples, default, enum, const, minimum, maximum,
//   exclusiveMinimum, exclusiveMaximum, minLength, maxLength, minItems, maxItems, uniqueItems,
//   items, properties, required, additionalProperties (boolean), and
//   $ref: "unity:duration" (text such as "5s") or "unity:secret".
// Any other keyword is an error when the schema is compiled: nothing is silently ignored.
#pragma once

#include <string>
#include <vector>

#include "unity/core/json/value.hpp"

namespace unity::json {

// One thing wrong with a document. `pointer` is a JSON Pointer to it ("/targets/0/host").
struct Mismatch {
  std::string pointer;
  std::string message;
};

// Where a document refers to a secret, and to which.
struct SecretReference {
  std::string pointer;
  std::string name;

  friend bool operator==(const SecretReference&, const SecretReference&) = default;
};

class Schema {
 public:
  // Errors name the keyword and where in the schema it stands.
  static Result<Schema> compile(const Value& schema);

  // Fills in defaults, then returns everything that does not fit, empty if all is well.
  std::vector<Mismatch> check(Value& document) const;

  // Every {"$secret": "name"} where this schema asks for a secret; what does not fit is left out.
  std::vector<SecretReference> secrets(const Value& document) const;

 private:
  explicit Schema(Value schema) : schema_(std::move(schema)) {}
  Value schema_;
};

}  // namespace unity::json
