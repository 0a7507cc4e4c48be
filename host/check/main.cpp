// unity-check: makes ONE check of one plugin in this process, which the plugin may ruin. It is
// started by `unity plugin check`, and writes what it found into the memory it shares with it.
//   unity-check RULE FILE.so OPTIONS.json
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <iterator>

#include "check/context.hpp"
#include "check/process/facts.hpp"
#include "check/rule.hpp"

namespace {

std::string read_file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main(int argc, char** argv) {
  using namespace unity::check;
  constexpr int kUsage = 2;
  auto* page = argc == 4 ? adopt_shared_page() : nullptr;
  auto* check = page != nullptr ? find_check(argv[1]) : nullptr;
  if (check == nullptr) {
    std::cerr << "unity-check is started by: unity plugin check FILE.so\n";
    return kUsage;
  }
  const auto told = unity::json::parse(read_file(argv[3]));
  auto options = Options::from_json(told ? *told : unity::json::Value());
  if (!options) {
    std::cerr << "unity-check: " << options.error().message << "\n";
    return kUsage;
  }
  Context context{argv[2], read_file(argv[2]), std::move(*options), page};
  Findings findings;
  (void)work_folder();
  check(context, findings);
  page->set_result(unity::json::dump(findings.to_json()));
  // Without the plugin's destructors: what they do is not what was checked.
  ::_exit(0);
}
