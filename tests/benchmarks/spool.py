"""What the spool costs beside a plain append + fdatasync of the same bytes on the same disk."""
import json
import pathlib
import subprocess
from typing import Any

import report

RATIO_GOAL = 0.80
OPEN_MS_GOAL = 1000


def measure(build: pathlib.Path, folder: pathlib.Path) -> dict[str, Any]:
    answer = subprocess.run([build / "bin" / "unity_spool_bench", folder / "spool"], check=True,
                            stdout=subprocess.PIPE, text=True)
    measured = json.loads(answer.stdout)
    report.print_table(
        "spool: bytes/s against append + fdatasync of the same bytes, same groups, median of 7",
        ("group", "ratio", "spool MB/s"),
        [(f"{one['group_bytes'] // 1024} KiB",
          f"{one['ratio']:.2f} [{one['ratio_min']:.2f}..{one['ratio_max']:.2f}]",
          f"{one['spool_mb_per_s']:.0f}") for one in measured["throughput"]])
    backlog = measured["backlog"]
    print(f"codec: encode {measured['encode_ns']:.0f} ns, decode {measured['decode_ns']:.0f} ns a "
          f"record of ten numbers ({measured['bytes_per_record']:.0f} bytes); "
          f"CRC-32C {measured['crc_gb_per_s']:.1f} GB/s")
    print(f"backlog of {backlog['bytes'] / report.MIB:.0f} MiB ({backlog['records']} records): "
          f"open {backlog['open_ms']:.0f} ms, drained at {backlog['drain_records_per_s']:.0f} "
          f"records/s, resident {backlog['resident_before_kib']} -> "
          f"{backlog['resident_max_kib']} KiB")
    return {"spool": measured}


def judge(results: dict[str, Any], verdicts: report.Verdicts) -> None:
    measured = results["spool"]
    for one in measured["throughput"]:
        verdicts.add(f"spool, groups of {one['group_bytes'] // 1024} KiB",
                     one["ratio"] >= RATIO_GOAL,
                     f"{one['ratio']:.2f} of raw append + fdatasync, goal {RATIO_GOAL:.2f}")
    verdicts.add("spool, opening a backlog", measured["backlog"]["open_ms"] < OPEN_MS_GOAL,
                 f"{measured['backlog']['open_ms']:.0f} ms, goal below {OPEN_MS_GOAL} ms")
