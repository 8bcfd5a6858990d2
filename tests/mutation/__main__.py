"""Count the planted faults that the tests caught; fail below nine of ten, those that change nothing left out.

`equivalent.txt` lists faults that no test can catch, since they change nothing: a reason, then the line as it
was and as it became.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

SHARE_TO_CATCH = 0.9
MUTMUT = Path(sys.executable).parent / "mutmut"
EQUIVALENT = (Path(__file__).parent / "equivalent.txt").read_text(encoding="utf-8")


def asked(*words: str) -> str:
    return subprocess.run([MUTMUT, *words], capture_output=True, text=True, check=True).stdout


def change(name: str) -> str:
    """The lines that a fault takes away and puts in their place."""
    lines = [line for line in asked("show", name).splitlines() if re.match(r"[-+](?![-+])", line)]
    return "\n".join(line[0] + " " + line[1:].strip() for line in lines)


statuses = dict(re.findall(r"^\s*(\S+): (.+)$", asked("results", "--all", "true"), re.MULTILINE))
survived = [name for name, status in statuses.items() if status in ("survived", "no tests")]
alive = {name: change(name) for name in survived}
unheard = {name: text for name, text in alive.items() if text not in EQUIVALENT}
for name, text in unheard.items():
    print(f"not caught: {name}\n{text}")
idle = len(alive) - len(unheard)
counted = len(statuses) - idle
caught = counted - len(unheard)
print(Counter(statuses.values()))
print(f"{caught} of {counted} faults caught ({caught / counted:.1%}); {idle} others change nothing")
sys.exit(caught / counted < SHARE_TO_CATCH)
