// What this process has and is, read from the kernel: to compare before and after a plugin's code
// has run.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace unity::check {

// Bytes from malloc that are in use, by everyone in this process.
std::uint64_t heap_in_use();
// Bytes of private writable memory, whether touched or not.
std::uint64_t data_mapped();
std::size_t thread_count();
// The descriptors that are open, with what they lead to.
std::map<int, std::string> open_descriptors();
// Processes that this one has started, or that were left to it.
std::vector<pid_t> children();

// Where the process began, which is empty and its own; ask before any code of the plugin runs.
const std::filesystem::path& work_folder();

// Threads that end take a moment to be gone: asks again, a bounded number of times, until there
// are no more than `expected`. Returns how many there are.
std::size_t thread_count_settled(std::size_t expected);

}  // namespace unity::check
