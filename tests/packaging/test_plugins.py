"""Commands that other packages bring: found when asked for, and no harm when missing or broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.packaging.conftest import Environment

pytestmark = pytest.mark.xdist_group("packaging")

WORKING = (
    "import typer\napp = typer.Typer(add_completion=False)\n@app.command()\ndef run():\n    print('RUN')\n"
)


def _plug_in(place: Path, code: str, *commands: str) -> Path:
    """A package that brings each of `commands` from one module with `code`."""
    (place / "plug.py").write_text(code)
    about = place / "plug-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.4\nName: plug\nVersion: 1.0\n")
    lines = [f"{command} = plug:app" for command in commands]
    (about / "entry_points.txt").write_text("\n".join(["[stepladder.commands]", *lines]))
    return place


@pytest.mark.parametrize(
    ("command", "remedy"),
    [("demo", "stepladder[demo]"), ("sandbox", "stepladder[demo]"), ("bench", "make bench")],
)
def test_a_command_that_is_not_installed_says_what_to_install(
    command: str, remedy: str, product_alone: Environment
) -> None:
    done = product_alone.run(command, "--port", "8760", "more")
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert remedy in done.stderr
    assert remedy in product_alone.run(command, "--help").stdout
    refusal = json.loads(product_alone.run(command, "--json").stdout)
    assert refusal["error"]["code"] == "command_unavailable"


def test_the_product_alone_lists_its_own_commands_only(product_alone: Environment) -> None:
    listed = product_alone.run("--help")
    assert listed.returncode == 0, listed.stderr
    assert "serve" in listed.stdout
    assert not any(name in listed.stdout for name in ("demo", "sandbox", "bench"))


def test_a_plug_in_s_command_is_listed_and_runs(product_alone: Environment, tmp_path: Path) -> None:
    also = _plug_in(tmp_path, WORKING, "extra")
    assert "extra" in product_alone.run("--help", also=also).stdout
    assert product_alone.run("extra", also=also).stdout == "RUN\n"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("raise SystemExit('[/red] not today')", "SystemExit: [/red] not today"),
        ("app = 'no application'", "AttributeError: 'str' object"),
    ],
)
def test_a_broken_plug_in_is_named_with_its_error_and_the_others_work(
    code: str, error: str, product_alone: Environment, tmp_path: Path
) -> None:
    also = _plug_in(tmp_path, code, "broken")
    listed = product_alone.run("--help", also=also)
    assert listed.returncode == 0, listed.stderr
    assert error in listed.stdout
    assert "serve" in listed.stdout
    done = product_alone.run("broken", "--any", also=also)
    assert done.returncode == 1
    assert f"The command broken cannot be loaded from plug:app. {error}" in done.stderr


def test_a_plug_in_s_code_does_not_run_for_the_product_s_own_commands(
    product_alone: Environment, tmp_path: Path
) -> None:
    """Nor can it take the name of one of them."""
    also = _plug_in(tmp_path, "print('LOADED')\n" + WORKING, "serve", "extra")
    done = product_alone.run("serve", "--help", also=also)
    assert done.returncode == 0, done.stderr
    assert "--web-only" in done.stdout
    assert "LOADED" not in done.stdout
