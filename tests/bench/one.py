"""One stage alone in its process: python -m tests.bench.one MODULE STAGE FOLDER CUSTOMERS."""

from __future__ import annotations

import gc
import importlib
import json
import sys
import time
from pathlib import Path


def main() -> None:
    """Run the stage; the last line printed says the CPU seconds of its work.

    The group's `LIBRARIES` are loaded before the clock starts, and the collector does not walk what they
    made, as in the kernels of a report. A stage that returns seconds has measured its work itself, without
    making its data.
    """
    module, name, folder, customers = sys.argv[1:]
    group = importlib.import_module(f"tests.bench.{module}")
    for library in getattr(group, "LIBRARIES", ()):
        importlib.import_module(library)
    stage = getattr(group, name)
    gc.freeze()
    started = time.process_time()
    measured = stage(Path(folder), int(customers))
    spent = time.process_time() - started
    print(json.dumps({"work_seconds": spent if measured is None else measured}))


if __name__ == "__main__":
    main()
