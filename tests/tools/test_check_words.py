"""No registry's host and no place of one machine reaches a commit, under any name."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
# Put together here, so that this file does not contain what the check looks for.
HOST = "packages.mirror-of-ours.dev"
URL = f"https://{HOST}/simple"

INDEX_OPTIONS = {
    "an index option": f"pip install --index-url {URL} x",
    "a second index": f"pip install --extra-index-url={URL} x",
    "an index without url": f"uv add --index {URL} x",
    "a short option": f"pip install -i {URL} x",
    "a short option of another": f"uv pip install -f {URL} x",
    "a place of packages": f"uv pip install --find-links {URL} x",
    "a place of packages on this machine": "pip install --find-links " + "/srv/packages x",
    "a file as an index": "pip install --index " + "file:///srv/simple x",
    "a setting": f"index-url = {URL}",
    "a variable": f"export PIP_EXTRA_INDEX_URL='{URL}'",
    "a default index": f"UV_DEFAULT_INDEX={URL}",
    "another language's registry": f"npm_config_registry={URL}",
    "another language's proxy": f"GOPROXY={URL}",
    "a name and a password": "pip install --index-url " + f"{URL} x".replace("//", "//us:secret@"),
    "a host that is trusted": "pip install --trusted-host " + f"{HOST} x",
    "a resolved address": f'  "resolved": "{URL}/x.tgz",',
}
ADDRESSES = {
    "requirements.lock": f"x @ {URL}/x.whl",
    "web/package-lock.json": f'"from": "{URL}/x.tgz"',
    "pyproject.toml": f'url = "{URL}"',
    ".ci/run": f"curl {URL}",
    "tools/pins/uv.txt": f"# from {URL}",
    "Makefile": f"\twget {URL}",
    "compose.yaml": f"image: docker://{HOST}/x",
    "setup.cfg": "url = git" + f"@{HOST}:ours/x",
}
PLACES = ["/work" + "/x", "/root" + "/x", "/opt" + "/wheels"]
HARMLESS = {
    "docs/install.md": f"pip install --find-links dist x\npip install --index-url https://a.example.com/x y\n[form]({URL})",
    "deploy.toml": "url = 'https://msp.example.com'\nhealth = 'http://127.0.0.1:8700/healthz'\nhalopsa = 'https://x.test'",
    "src/page.py": f"# as {URL} says\nregistry = Registry()\npath = '/opt/work" + "/x'",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the check in it and nothing to find."""
    (tmp_path / "tools").mkdir()
    for name in ("check_words.py", "repository.py"):
        shutil.copy(TOOLS / name, tmp_path / "tools")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def _check(repository: Path, files: dict[str, str]) -> list[str]:
    """Where the check finds something, as `file:line`."""
    for name, text in files.items():
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-B", "tools/check_words.py"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == (1 if done.stdout else 0)
    return [":".join(line.split(":")[:2]) for line in done.stdout.splitlines()]


def test_every_form_of_an_index_option_is_found_in_any_file(repository: Path) -> None:
    found = _check(repository, {"docs/notes.md": "\n".join(INDEX_OPTIONS.values())})
    missed = [form for number, form in enumerate(INDEX_OPTIONS, 1) if f"docs/notes.md:{number}" not in found]
    assert missed == []


def test_an_address_in_a_lock_or_a_configuration_file_is_found(repository: Path) -> None:
    assert _check(repository, ADDRESSES) == sorted(f"{name}:1" for name in ADDRESSES)


def test_a_place_of_one_machine_is_found(repository: Path) -> None:
    found = _check(repository, {"src/x.py": "\n".join(f"x = '{place}/x'" for place in PLACES)})
    assert found == [f"src/x.py:{number}" for number in range(1, len(PLACES) + 1)]


def test_examples_pages_and_folders_of_the_checkout_may_be_named(repository: Path) -> None:
    assert _check(repository, HARMLESS) == []


def test_the_tools_name_no_registry() -> None:
    """The check knows a registry by its form; a list of names would itself be what it looks for."""
    names = ("py" + "pi.org", "python" + "hosted", "npm" + "js.org", "crates" + ".io")
    text = "".join(path.read_text("utf-8") for path in TOOLS.glob("*") if path.is_file())
    assert [name for name in names if name in text.replace("[", "").replace("]", "")] == []
