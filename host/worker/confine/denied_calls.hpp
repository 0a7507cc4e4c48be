// System calls that no plugin may make. The host builds the filter from this list, the worker tells
// from it what a denied call was for.
#pragma once

#include <sys/syscall.h>

namespace unity::worker {

struct DeniedCall {
  long number;
  const char* name;
  const char* purpose;  // "it tried to …"
};

inline constexpr const char* kOfOthers = "look into or change another process";
inline constexpr const char* kSignal = "send a signal to another process";
inline constexpr const char* kMounts = "change what is mounted";
inline constexpr const char* kNamespaces = "change the namespaces that it runs in";
inline constexpr const char* kKeys = "use the kernel's keys";
inline constexpr const char* kModules = "change the kernel";
inline constexpr const char* kMachine = "change settings of the machine";
inline constexpr const char* kPriority = "change a priority";
inline constexpr const char* kShared = "get memory that no limit counts or that others share";
// Landlock does not look at these, so they would reach any file of the host's user.
inline constexpr const char* kAttributes = "change the owner, mode, times or attributes of a file";
inline constexpr const char* kRing = "make system calls by way of io_uring";
inline constexpr const char* kObserve = "observe the kernel";

// Numbers from here on are of calls that were not known when this was written. They are answered
// as if the kernel did not have them.
inline constexpr long kFirstUnknownCall = 463;

inline constexpr long kFchmodat2 = 452;  // newer than the headers that this is built with

inline constexpr DeniedCall kDeniedCalls[] = {
    {SYS_ptrace, "ptrace", kOfOthers},
    {SYS_process_vm_readv, "process_vm_readv", kOfOthers},
    {SYS_process_vm_writev, "process_vm_writev", kOfOthers},
    {SYS_process_madvise, "process_madvise", kOfOthers},
    {SYS_process_mrelease, "process_mrelease", kOfOthers},
    {SYS_kcmp, "kcmp", kOfOthers},
    {SYS_pidfd_getfd, "pidfd_getfd", kOfOthers},
    {SYS_migrate_pages, "migrate_pages", kOfOthers},
    {SYS_move_pages, "move_pages", kOfOthers},
    {SYS_tkill, "tkill", kSignal},
    {SYS_io_uring_setup, "io_uring_setup", kRing},
    {SYS_io_uring_enter, "io_uring_enter", kRing},
    {SYS_io_uring_register, "io_uring_register", kRing},
    {SYS_bpf, "bpf", kObserve},
    {SYS_perf_event_open, "perf_event_open", kObserve},
    {SYS_userfaultfd, "userfaultfd", kObserve},
    {SYS_fanotify_init, "fanotify_init", kObserve},
    {SYS_fanotify_mark, "fanotify_mark", kObserve},
    {SYS_lookup_dcookie, "lookup_dcookie", kObserve},
    {SYS_syslog, "syslog", "read the kernel's log"},
    {SYS_mount, "mount", kMounts},
    {SYS_umount2, "umount2", kMounts},
    {SYS_pivot_root, "pivot_root", kMounts},
    {SYS_chroot, "chroot", kMounts},
    {SYS_open_tree, "open_tree", kMounts},
    {SYS_move_mount, "move_mount", kMounts},
    {SYS_fsopen, "fsopen", kMounts},
    {SYS_fsconfig, "fsconfig", kMounts},
    {SYS_fsmount, "fsmount", kMounts},
    {SYS_fspick, "fspick", kMounts},
    {SYS_mount_setattr, "mount_setattr", kMounts},
    {SYS_setns, "setns", kNamespaces},
    {SYS_unshare, "unshare", kNamespaces},
    {SYS_open_by_handle_at, "open_by_handle_at", "open a file without its path"},
    {SYS_keyctl, "keyctl", kKeys},
    {SYS_add_key, "add_key", kKeys},
    {SYS_request_key, "request_key", kKeys},
    {SYS_init_module, "init_module", kModules},
    {SYS_finit_module, "finit_module", kModules},
    {SYS_delete_module, "delete_module", kModules},
    {SYS_kexec_load, "kexec_load", kModules},
    {SYS_kexec_file_load, "kexec_file_load", kModules},
    {SYS_reboot, "reboot", kMachine},
    {SYS_swapon, "swapon", kMachine},
    {SYS_swapoff, "swapoff", kMachine},
    {SYS_settimeofday, "settimeofday", kMachine},
    {SYS_clock_settime, "clock_settime", kMachine},
    {SYS_sethostname, "sethostname", kMachine},
    {SYS_setdomainname, "setdomainname", kMachine},
    {SYS_quotactl, "quotactl", kMachine},
    {SYS_quotactl_fd, "quotactl_fd", kMachine},
    {SYS_acct, "acct", kMachine},
    {SYS_vhangup, "vhangup", kMachine},
#ifdef SYS_iopl
    {SYS_iopl, "iopl", kMachine},
    {SYS_ioperm, "ioperm", kMachine},
    {SYS_modify_ldt, "modify_ldt", kMachine},
#endif
    {SYS_ioprio_set, "ioprio_set", kPriority},
    {SYS_memfd_create, "memfd_create", kShared},
    {SYS_memfd_secret, "memfd_secret", kShared},
    {SYS_fchmod, "fchmod", kAttributes},
    {SYS_fchmodat, "fchmodat", kAttributes},
    {kFchmodat2, "fchmodat2", kAttributes},
    {SYS_fchown, "fchown", kAttributes},
    {SYS_fchownat, "fchownat", kAttributes},
    {SYS_utimensat, "utimensat", kAttributes},
    {SYS_setxattr, "setxattr", kAttributes},
    {SYS_lsetxattr, "lsetxattr", kAttributes},
    {SYS_fsetxattr, "fsetxattr", kAttributes},
    {SYS_removexattr, "removexattr", kAttributes},
    {SYS_lremovexattr, "lremovexattr", kAttributes},
    {SYS_fremovexattr, "fremovexattr", kAttributes},
#ifdef SYS_chmod
    {SYS_chmod, "chmod", kAttributes},
    {SYS_chown, "chown", kAttributes},
    {SYS_lchown, "lchown", kAttributes},
    {SYS_utime, "utime", kAttributes},
    {SYS_utimes, "utimes", kAttributes},
    {SYS_futimesat, "futimesat", kAttributes},
#endif
    {SYS_shmget, "shmget", kShared},
    {SYS_shmat, "shmat", kShared},
    {SYS_shmctl, "shmctl", kShared},
    {SYS_semget, "semget", kShared},
    {SYS_semop, "semop", kShared},
    {SYS_semtimedop, "semtimedop", kShared},
    {SYS_semctl, "semctl", kShared},
    {SYS_msgget, "msgget", kShared},
    {SYS_msgsnd, "msgsnd", kShared},
    {SYS_msgrcv, "msgrcv", kShared},
    {SYS_msgctl, "msgctl", kShared},
    {SYS_mq_open, "mq_open", kShared},
    {SYS_mq_unlink, "mq_unlink", kShared},
};

}  // namespace unity::worker
