"""The whole of the spool's crash proof: a fault at every call of a long random life, every bit."""
import os
import pathlib
import subprocess
from typing import Any

import report


def run(build: pathlib.Path, verdicts: report.Verdicts) -> dict[str, Any]:
    answer = subprocess.run([build / "bin" / "spool_tests"], stdout=subprocess.PIPE, text=True,
                            env=os.environ | {"UNITY_SPOOL_WHOLE": "1"})
    failed = [line for line in answer.stdout.splitlines() if line.startswith("[  FAILED  ]")]
    passed = [line for line in answer.stdout.splitlines() if line.startswith("[       OK ]")]
    if failed:
        print(answer.stdout)
    verdicts.add("spool", answer.returncode == 0 and not failed,
                 f"{len(passed)} proofs hold" if not failed else failed[0])
    return {"spool": {"passed": len(passed), "failed": len(failed)}}
