"""Lists of commands end with a word about what is left, and names lead to one customer, by hand by its id."""

from __future__ import annotations

from tests.cli.conftest import Installation

NAMES = ["Atelier Nord", "Bäckerei Groß", "Carpentry Ltd"]


def test_a_list_says_what_is_left_and_goes_on_there(installation: Installation) -> None:
    """OPS-08: `--limit`, a last line, `--after`; JSON stays an array, and the line goes to the error output."""
    for name in NAMES:
        installation.json("customer", "create", name)
    whole = [row["customer"] for row in installation.json("customer", "list")]
    assert whole == [*NAMES, "Northwind Traders"]
    done = installation.run("customer", "list", "--limit", "3", "--json")
    assert [row["customer"] for row in done.json] == NAMES
    assert done.err.startswith("1 more is left. Go on with: --after ")
    rest = installation.json("customer", "list", "--after", done.err.split()[-1])
    assert [row["customer"] for row in rest] == ["Northwind Traders"]
    assert "left. Go on" not in installation.run("customer", "list").out
    assert "2 more are left" in installation.run("customer", "list", "--limit", "2").out
    for what in ("endpoint", "request"):
        done = installation.run(what, "list", "--after", "nobody", "--json")
        assert (done.status, "not_found" in done.json["error"]["code"]) == (1, True)
    assert installation.json("endpoint", "list", "--customer", "BÄCKEREI GROSS") == []


def test_a_customer_is_linked_by_its_id_in_halopsa(installation: Installation) -> None:
    """HALO-09: what no name tells apart, the id does."""
    installation.json("customer", "create", "tailspin")
    linked = installation.json("customer", "link", "tailspin", "2")
    assert (linked["halopsa_customer"], linked["halopsa_id"]) == ("Contoso Dental", "2")
    done = installation.run("customer", "link", "tailspin", "999", "--json")
    assert done.json["error"]["code"] == "not_found"
    installation.json("customer", "remove", "tailspin", "--yes")
