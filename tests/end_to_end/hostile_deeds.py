"""The deeds of the plugin zoo.hostile (tests/fixtures/plugins/hostile) and what the host must say of
them: a pattern, or None for those that nobody need notice."""

HANGS = r"its worker ended during collect\(\): its run did not return 200ms after being cancelled " \
        r"at its timeout of 300ms"
SEGMENTATION = r"its worker ended during collect\(\): killed by signal 11 \(Segmentation fault\)"

DYING = {
    "null": SEGMENTATION,
    "stack": SEGMENTATION,
    "thread_crash": SEGMENTATION,
    "handlers_crash": SEGMENTATION,
    "create_crash": SEGMENTATION.replace("collect", "create"),
    "thread_crash_later": r"its worker ended between two runs: killed by signal 11 ",
    "abort": r"killed by signal 6 \(Aborted\)",
    "kill_itself": r"killed by signal 9 \(Killed\)",
    "exit_0": r"it left by itself with exit code 0",
    "exit_3": r"it left by itself with exit code 3",
    "exit_at_once": r"it left by itself with exit code 0",
    "create_exit": r"it left by itself with exit code 3",
    "throw": r"it threw an exception through the plugin ABI: thrown through the wall",
}
HANGING = {
    "loop": HANGS,
    "sleep": HANGS,
    "ignore_token": HANGS,
    "stop_itself": HANGS,
    "create_sleep": HANGS.replace("collect", "create"),
}
GREEDY = {
    "allocate": r"limits\.memory",
    "allocate_unchecked": r"limits\.memory",
    "fork_bomb": r'it tried to start a process, which needs the permission "spawn": true',
    "thread_bomb": r"cannot start another thread",
    "leak": r"Too many open files",
}
LOUD = {
    "garbage": None,
    "emit_late": None,
    "flood_output": None,
    "noise_output": None,
    "no_newline": None,
}
MEDDLING = {
    "close_all": r"it closed what connects it with the host, or wrote on it",
    "channels": r"is not of the protocol",
    "handlers": None,
    "locale": None,
    "folder": None,
    "umask": None,
    "shadow": r'reading /etc/shadow needs the permission "files": \["/etc/shadow:r"\]',
    "socket": r'it tried to open a network socket \(AF_INET\), which needs the permission "network"',
    "ptrace_parent": r"it tried to look into or change another process \(ptrace\)",
    "kill_parent": r"it tried to send a signal to another process \(kill\)",
}
# Their amount is what matters, and the time that it takes is not.
SLOW = {"allocate", "allocate_unchecked", "thread_bomb", "leak", "flood_output"}

def hostile(deed, **keys):
    options = {"deed": deed, **keys.pop("config", {})}
    return {"id": deed, "plugin": "zoo.hostile", "interval": "300ms", "retry_delay": "50ms",
            "timeout": "60s" if deed in SLOW else "300ms",
            "limits": {"memory": "64MiB"}, "config": options, **keys}
