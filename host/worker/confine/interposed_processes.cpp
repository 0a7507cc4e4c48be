// fork, posix_spawn, popen and their kin. libc blocks all signals around what they do, so that the
// filter cannot make a denial known by SIGSYS.
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "worker/confine/interposed.hpp"

namespace {

using unity::worker::Denials;
using unity::worker::Next;

using Spawn = int(pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*,
                  char* const[], char* const[]);
using Execute = int(const char*, char* const[]);

bool may_spawn() { return !Denials::of_process().active() || Denials::of_process().may_spawn(); }

// Says no as the system does.
template <class Answer>
Answer refused(Answer answer) {
  unity::worker::note_process(nullptr, EPERM);
  errno = EPERM;
  return answer;
}

int noted(int result, const char* path, int error) {
  if (result != 0 && (error == EACCES || error == EPERM) && Denials::of_process().active()) {
    unity::worker::note_process(path, error);
  }
  return result;
}

constinit Next<pid_t()> next_fork("fork");
constinit Next<FILE*(const char*, const char*)> next_popen("popen");
constinit Next<int(const char*)> next_system("system");
constinit Next<Spawn> next_posix_spawn("posix_spawn");
constinit Next<Spawn> next_posix_spawnp("posix_spawnp");
constinit Next<int(const char*, char* const[], char* const[])> next_execve("execve");
constinit Next<Execute> next_execv("execv");
constinit Next<Execute> next_execvp("execvp");

}  // namespace

extern "C" {

pid_t fork() noexcept { return may_spawn() ? next_fork.get()() : refused(pid_t{-1}); }
// The real one returns twice into the same frame, which a function in front of it cannot.
pid_t vfork() noexcept { return fork(); }

int posix_spawn(pid_t* pid, const char* path, const posix_spawn_file_actions_t* actions,
                const posix_spawnattr_t* attributes, char* const argv[], char* const envp[]) {
  if (!may_spawn()) return refused(EPERM);
  const int error = next_posix_spawn.get()(pid, path, actions, attributes, argv, envp);
  return noted(error, path, error);
}
int posix_spawnp(pid_t* pid, const char* file, const posix_spawn_file_actions_t* actions,
                 const posix_spawnattr_t* attributes, char* const argv[], char* const envp[]) {
  if (!may_spawn()) return refused(EPERM);
  const int error = next_posix_spawnp.get()(pid, file, actions, attributes, argv, envp);
  return noted(error, file, error);
}

FILE* popen(const char* command, const char* mode) {
  return may_spawn() ? next_popen.get()(command, mode) : refused<FILE*>(nullptr);
}
int system(const char* command) { return may_spawn() ? next_system.get()(command) : refused(-1); }

int execve(const char* path, char* const argv[], char* const envp[]) noexcept {
  return may_spawn() ? noted(next_execve.get()(path, argv, envp), path, errno) : refused(-1);
}
int execv(const char* path, char* const argv[]) noexcept {
  return may_spawn() ? noted(next_execv.get()(path, argv), path, errno) : refused(-1);
}
int execvp(const char* file, char* const argv[]) noexcept {
  return may_spawn() ? noted(next_execvp.get()(file, argv), file, errno) : refused(-1);
}

}  // extern "C"
