"""What is said of a column that a file lacks leads, where it is followed, to a file that is read."""

from __future__ import annotations

import pytest

from helpers.data import DataError, load, open_shop
from helpers.data.names import hint_of

SHOP = 'currency = "EUR"\ntimezone = "Europe/Berlin"\n'
TRIAL = [["experiment", "customer_id", "arm", "outcome"]]
TRIAL += [["t", f"k{n}", ("control", "new")[n % 2], str(n % 3 // 2)] for n in range(40)]
OWN_NAMES = '[tables.experiments]\nfile = "trial"\n[tables.experiments.columns]\nexperiment = "experiment"\n'
OWN_NAMES += 'customer_id = "customer_id"\narm = "arm"\noutcome = "outcome"\n'


def trial(folder, sign: str, *, quote: str = "", file: str = "", columns: str = "") -> None:
    lines = [sign.join(f"{quote}{cell}{quote}" for cell in row) for row in TRIAL]
    (folder / "trial.csv").write_text("\n".join(lines) + "\n")
    people = "\n".join(["customer_id", *(row[1] for row in TRIAL[1:])])
    (folder / "customers.csv").write_text(people + "\n")
    mapped = columns or '[tables.experiments]\nfile = "trial"\n'
    (folder / "source.toml").write_text(f'{SHOP}[files.trial]\npath = "trial.csv"\n{file}{mapped}')


@pytest.mark.parametrize("columns", ["", OWN_NAMES], ids=["names of the contract", "names mapped"])
@pytest.mark.parametrize("quote", ["", '"'], ids=["plain", "quoted"])
@pytest.mark.parametrize(("sign", "written"), [(";", ";"), ("\t", "\\t"), ("|", "|")])
def test_a_file_parted_by_another_sign_is_refused_with_what_to_write(tmp_path, sign, written, quote, columns):
    trial(tmp_path, sign, quote=quote, columns=columns)
    declare = f'delimiter = "{written}"'
    with pytest.raises(DataError) as refused:
        load(tmp_path, out=tmp_path / "out")
    assert f"write {declare} in source.toml" in str(refused.value)
    trial(tmp_path, sign, quote=quote, columns=columns, file=f"{declare}\n")
    load(tmp_path, out=tmp_path / "out")
    assert int(open_shop(tmp_path / "out")["experiments"].count().execute()) == 40


@pytest.mark.parametrize(
    ("known", "hint"),
    [
        (["id;name"], ""),
        (["order_id; item_id", "price"], ""),
        (["item_idd"], "Did you mean 'item_idd'?"),
        (["order_id;item_id"], 'write delimiter = ";"'),
    ],
)
def test_only_a_header_that_stayed_one_column_is_called_parted(known, hint):
    said = hint_of("item_id", known)
    assert hint in said
    assert bool(said) == bool(hint)
