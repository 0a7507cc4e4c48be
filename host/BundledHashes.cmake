# Script: writes the hashes of the bundled plugins for the host to know them by.
#   cmake -DFILES="a.so;b.so" -DOUTPUT=bundled_hashes.inc -P BundledHashes.cmake
set(lines "")
foreach(file IN LISTS FILES)
  file(SHA256 "${file}" hash)
  string(APPEND lines "    \"${hash}\",\n")
endforeach()
file(WRITE "${OUTPUT}" "// Written by the build.
inline constexpr const char* kBundledHashes[] = {
${lines}};
")
