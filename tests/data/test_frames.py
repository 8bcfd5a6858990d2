"""Text around the rows, and packed files: every line is a row, refused, or counted as standing outside."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from helpers.data.errors import DataError

SHOP = 'currency = "CNY"\ntimezone = "Asia/Shanghai"\n'
HEAD = "item_id,title\n"
ABOVE = 'Report of May\n,,,\n"a quote that opens\n\n'


@pytest.fixture
def load_items(load_raw, raw_folder):
    """Return `(content, extra="", path="goods.csv") -> Loaded` for a folder whose items are this file."""
    (raw_folder / "items.csv").unlink()

    def run(content, extra: str = "", path: str = "goods.csv"):
        source = f'{SHOP}[files.items]\npath = "{path}"\n{extra}\n[tables.items]\nfile = "items"\n'
        return load_raw({path: content}, source=source)

    return run


def packed(content: bytes) -> bytes:
    """Pack as gz without the time, so that every process of a run collects the same tests."""
    return gzip.compress(content, mtime=0)


def zipped(*members: str, text: str = HEAD + "i1,x\n") -> bytes:
    drawer = io.BytesIO()
    with zipfile.ZipFile(drawer, "w") as archive:
        for name in members:
            archive.writestr(zipfile.ZipInfo(name), text)  # without the time: the same bytes in every process
    return drawer.getvalue()


def locked(content: bytes) -> bytes:
    """Set the flag of a password in a ZIP's headers."""
    made = bytearray(content)
    made[6] |= 1
    made[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


@pytest.mark.parametrize(
    ("content", "extra", "accepted", "refused", "outside"),
    [
        (ABOVE + HEAD + "i1,x\n", "header_line = 5", ["i1"], {}, 4),
        (ABOVE + HEAD + "i1,x\n", "header_line = '^item_id,'", ["i1"], {}, 4),
        ("item_id is below\n" + HEAD + "i1,x\n", "header_line = '^item_id,'", ["i1"], {}, 1),
        (HEAD + "i1,x\n-----\nTotal: 1\n", "footer = ['^-+$', '^Total']", ["i1"], {}, 2),
        (HEAD + "i1,x\n\nTotal: 1\n\n\n", "footer = ['^$', '^Total']", ["i1"], {}, 4),
        (HEAD + "i1,x\n", "footer = ['^Total']", ["i1"], {}, 0),
        # a product that looks like the footer: what follows it is refused by row, nothing is lost unsaid
        (
            HEAD + "i1,x\nTotal care,y\ni3,z\n",
            "footer = ['^Total']",
            ["i1"],
            {4: "behind the footer in line 3"},
            1,
        ),
        (HEAD + 'i1,"a\nTotal\nb"\ni2,y\nTotal\n', "footer = ['^Total']", ["i1", "i2"], {}, 1),
        (
            "item_id,title,\ni1,x,\ni2,y,z\ni3,w\n",
            "empty_last_column = true",
            ["i1"],
            {3: "declared empty", 4: "does not end with a delimiter"},
            0,
        ),
        ("item_id,title\ni1,x,\ni2,y,\n", "empty_last_column = true", ["i1", "i2"], {}, 0),
        (
            'item_id,title,\n"i1","x,y",\ni2,"z",""\ni3,"w","v"\n',
            "empty_last_column = true",
            ["i1", "i2"],
            {4: "declared empty"},
            0,
        ),
        ("item_id\ttitle\t\ni1\tx\t \n", "format = 'tsv'\nempty_last_column = true", ["i1"], {}, 0),
    ],
)
def test_what_stands_around_the_rows(load_items, content, extra, accepted, refused, outside):
    loaded = load_items(content, extra)
    assert loaded.accepted("items")["item_id"].tolist() == accepted
    reasons = loaded.quarantine("items").set_index("line")["reasons"].to_dict()
    assert reasons.keys() == refused.keys()
    assert all(said in reasons[line] for line, said in refused.items())
    file, table = loaded.receipt.files["items"], loaded.receipt.tables["items"]
    assert (file.outside, file.rows) == (outside, table.read)
    assert table.read == table.accepted + table.quarantined


def test_a_footer_in_a_later_block(load_items, monkeypatch):
    monkeypatch.setattr("helpers.data.decode.CHUNK_BYTES", 64)
    rows = "".join(f"i{number},title {number}\n" for number in range(100))
    loaded = load_items(HEAD + rows + "Total,100\nprinted today\n", "footer = ['^Total,', '^printed']")
    assert len(loaded.accepted("items")) == 100
    assert loaded.receipt.files["items"].outside == 2


def test_a_footer_without_quoting_rules(load_items):
    content = "item_id title\ni1 x\nTotal 1\n"
    loaded = load_items(content, "format = 'whitespace'\nfooter = ['^Total']", path="goods.txt")
    assert loaded.accepted("items")["item_id"].tolist() == ["i1"]
    assert loaded.receipt.files["items"].outside == 1


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("goods.csv.gz", packed((HEAD + "i1,x\n").encode("gb18030"))),
        ("goods.csv.zip", zipped("goods.csv")),
        ("goods.zip", zipped("__MACOSX/._goods.csv", "folder/goods.csv")),
        ("GOODS.CSV.GZ", packed((HEAD + "i1,口红\n").encode("utf-16"))),
    ],
)
def test_packed_files_are_read_like_others(load_items, path, content):
    loaded = load_items(content, "format = 'csv'" if path == "goods.zip" else "", path=path)
    assert loaded.accepted("items")["item_id"].tolist() == ["i1"]
    assert loaded.receipt.files["items"].file == path


def test_a_packed_file_is_found_by_its_contract_name(load_raw, raw_folder):
    (raw_folder / "items.csv").unlink()
    loaded = load_raw({"items.csv.gz": packed((HEAD + "i1,x\n").encode())}, source=SHOP)
    assert loaded.accepted("items")["item_id"].tolist() == ["i1"]


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("goods.csv.gz", HEAD.encode(), "goods.csv.gz is not a whole gz file"),
        ("goods.csv.gz", packed(HEAD.encode() * 99)[:-9], "goods.csv.gz is not a whole gz file"),
        ("goods.csv.zip", b"PK\x03\x04", "goods.csv.zip is not a whole zip file"),
        ("goods.csv.zip", zipped("a.csv", "b.csv"), r"holds 2 \(a.csv, b.csv\); unpack it"),
        ("goods.csv.zip", zipped(), r"holds 0 \(nothing\)"),
        ("goods.csv.zip", locked(zipped("bill.csv")), "goods.csv.zip is locked with a password"),
        (
            "goods.csv.zip",
            zipped("a.csv", text="item_id,,x\n"),
            "goods.csv.zip: the header has an empty name",
        ),
    ],
)
def test_a_packed_file_that_cannot_be_read_says_why(load_items, path, content, message):
    with pytest.raises(DataError, match=message):
        load_items(content, path=path)


def test_a_member_cannot_be_written_outside(load_items, tmp_path):
    loaded = load_items(zipped("../../../../evil.csv"), path="goods.csv.zip")
    assert loaded.accepted("items")["item_id"].tolist() == ["i1"]
    assert not [path for path in tmp_path.parent.rglob("evil.csv")]
