// open, fopen, opendir and their kin. The names that begin with underscores are those that
// fortified code calls.
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "worker/confine/interposed.hpp"

namespace {

using unity::worker::Next;

using Open = int(const char*, int, ...);
using OpenAt = int(int, const char*, int, ...);
using OpenFortified = int(const char*, int);
using OpenAtFortified = int(int, const char*, int);
using FileOpen = FILE*(const char*, const char*);

bool takes_mode(int flags) { return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE; }

int noted(int result, int folder, const char* path, int flags) {
  if (result < 0 && unity::worker::was_refused()) {
    const int access = flags & O_ACCMODE;
    unity::worker::note_file(folder, path, access != O_WRONLY,
                             access != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0);
  }
  return result;
}

FILE* noted(FILE* result, const char* path, const char* mode) {
  if (result == nullptr && unity::worker::was_refused()) {
    const bool both = ::strchr(mode, '+') != nullptr;
    unity::worker::note_file(AT_FDCWD, path, both || mode[0] == 'r', both || mode[0] != 'r');
  }
  return result;
}

constinit Next<Open> next_open("open");
constinit Next<Open> next_open64("open64");
constinit Next<OpenAt> next_openat("openat");
constinit Next<OpenAt> next_openat64("openat64");
constinit Next<OpenFortified> next_open_2("__open_2");
constinit Next<OpenFortified> next_open64_2("__open64_2");
constinit Next<OpenAtFortified> next_openat_2("__openat_2");
constinit Next<OpenAtFortified> next_openat64_2("__openat64_2");
constinit Next<int(const char*, mode_t)> next_creat("creat");
constinit Next<FileOpen> next_fopen("fopen");
constinit Next<FileOpen> next_fopen64("fopen64");
constinit Next<DIR*(const char*)> next_opendir("opendir");

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if (takes_mode(flags)) {
    va_list arguments;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
  }
  return noted(next_open.get()(path, flags, mode), AT_FDCWD, path, flags);
}

int open64(const char* path, int flags, ...) {
  mode_t mode = 0;
  if (takes_mode(flags)) {
    va_list arguments;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
  }
  return noted(next_open64.get()(path, flags, mode), AT_FDCWD, path, flags);
}

int openat(int folder, const char* path, int flags, ...) {
  mode_t mode = 0;
  if (takes_mode(flags)) {
    va_list arguments;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
  }
  return noted(next_openat.get()(folder, path, flags, mode), folder, path, flags);
}

int openat64(int folder, const char* path, int flags, ...) {
  mode_t mode = 0;
  if (takes_mode(flags)) {
    va_list arguments;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
  }
  return noted(next_openat64.get()(folder, path, flags, mode), folder, path, flags);
}

int __open_2(const char* path, int flags) {
  return noted(next_open_2.get()(path, flags), AT_FDCWD, path, flags);
}
int __open64_2(const char* path, int flags) {
  return noted(next_open64_2.get()(path, flags), AT_FDCWD, path, flags);
}
int __openat_2(int folder, const char* path, int flags) {
  return noted(next_openat_2.get()(folder, path, flags), folder, path, flags);
}
int __openat64_2(int folder, const char* path, int flags) {
  return noted(next_openat64_2.get()(folder, path, flags), folder, path, flags);
}

int creat(const char* path, mode_t mode) {
  return noted(next_creat.get()(path, mode), AT_FDCWD, path, O_WRONLY | O_CREAT);
}

FILE* fopen(const char* path, const char* mode) {
  return noted(next_fopen.get()(path, mode), path, mode);
}
FILE* fopen64(const char* path, const char* mode) {
  return noted(next_fopen64.get()(path, mode), path, mode);
}

DIR* opendir(const char* path) {
  auto* result = next_opendir.get()(path);
  if (result == nullptr && unity::worker::was_refused()) {
    unity::worker::note_file(AT_FDCWD, path, true, false);
  }
  return result;
}

}  // extern "C"
