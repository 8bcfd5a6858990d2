"""The CDNOW sample of Fader & Hardie, as the published studies use it: weeks 1 to 39, then 39 held out."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.paths import project_folder

CALIBRATION_END = pd.Timestamp("1997-09-30")


def order_days() -> pd.DataFrame:
    """One row a customer and day of ordering (customer_id, day, dollars); skips the test without the file."""
    path = project_folder() / ".." / "shared" / "data" / "cdnow" / "CDNOW_sample.txt"
    if not path.exists():
        pytest.skip("the CDNOW sample is not beside the project")
    names = ["master_id", "customer_id", "day", "pieces", "dollars"]
    lines = pd.read_csv(path, sep=r"\s+", names=names, dtype={"customer_id": str, "day": str})
    lines = lines.assign(day=pd.to_datetime(lines["day"], format="%Y%m%d"))
    return lines.groupby(["customer_id", "day"], as_index=False)["dollars"].sum()


def calibration_frame() -> pd.DataFrame:
    """One row a customer: repeats, last and age in weeks up to the calibration's end, held_out orders."""
    days = order_days()
    seen = days[days["day"] <= CALIBRATION_END].groupby("customer_id")["day"]
    first, last, count = seen.min(), seen.max(), seen.count()
    held = days[days["day"] > CALIBRATION_END].groupby("customer_id").size()
    return pd.DataFrame(
        {
            "repeats": count - 1,
            "last": (last - first).dt.days / 7,
            "age": (CALIBRATION_END - first).dt.days / 7,
            "held_out": held.reindex(first.index, fill_value=0),
        }
    )
