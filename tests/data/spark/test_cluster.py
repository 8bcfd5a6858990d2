"""Workers in processes of their own, as on a cluster: they write where this process reads, or it is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from helpers.data.errors import DataError
from helpers.data.load import load
from tests.data.spark.conftest import SMALL
from tests.data.spark.test_loads import OPTIONS, rows_of, write
from tests.data.test_judge import broken_tables

FRESH = """
import json, sys
from tests.data.spark.test_loads import OPTIONS
from helpers.data.load import load
receipt = load(sys.argv[1], out=sys.argv[2], **OPTIONS)
print(json.dumps({name: table.reasons for name, table in receipt.tables.items()}))
"""


def test_a_new_process_with_two_workers_loads_what_duckdb_loads(tmp_path):
    tables = {name: frame for name, frame in broken_tables(3).items() if name not in ("shares", "reactions")}
    write(tables, tmp_path / "raw")
    one = load(tmp_path / "raw", out=tmp_path / "duckdb", **OPTIONS)
    settings = {
        **SMALL,
        "spark.executor.memory": "512m",
        "spark.executor.extraJavaOptions": "-XX:+UseSerialGC",
    }
    (tmp_path / "conf").mkdir()
    written = "\n".join(f"{name} {value}" for name, value in settings.items())
    (tmp_path / "conf" / "spark-defaults.conf").write_text(written, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", FRESH, f"spark+parquet://{tmp_path}/raw?master=local-cluster[2,1,512]",
         str(tmp_path / "spark")],
        env={**os.environ, "SPARK_CONF_DIR": str(tmp_path / "conf"), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said == {name: table.reasons for name, table in one.tables.items()}
    for name in tables:
        assert rows_of(tmp_path / "spark/accepted", name) == rows_of(tmp_path / "duckdb/accepted", name)


class WorkersElsewhere:
    """A session whose workers write to disks of their own: nothing of it arrives."""

    def range(self, rows):
        return self

    @property
    def write(self):
        return self

    def parquet(self, path):
        return None


def test_workers_that_write_elsewhere_are_told_apart(tmp_path):
    from helpers.data.spark_tables import refuse_unshared

    with pytest.raises(
        DataError, match="1,000 rows beside the result and 0 of them arrived: each wrote to its"
    ):
        refuse_unshared(WorkersElsewhere(), tmp_path)
