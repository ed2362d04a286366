"""A secret never prints, by any way of printing, and a sealed value opens in its own place only."""

from __future__ import annotations

import copy
import dataclasses
import io
import json
import logging
import pickle
import pprint
import traceback
from uuid import UUID, uuid4

import msgspec
import pytest
import structlog
from fastapi.encoders import jsonable_encoder
from hypothesis import given, strategies as st
from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.traceback import Traceback

from stepladder.kit import log
from stepladder.kit.secret import Place, SealBroken, Secret, key_version, seal, unseal

CANARY = "canary-7f3a-canary"


@dataclasses.dataclass
class Holder:
    name: str
    secret: Secret


class Model(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    secret: Secret


def attempt(printing: object) -> str:
    """What a way of printing gives, or what its refusal says."""
    try:
        return str(printing())  # type: ignore[operator]
    except Exception as refusal:  # noqa: BLE001 - no refusal must show the secret either
        return "".join(traceback.format_exception(refusal))


def fail(told: object, revealed: str = "") -> None:
    """Something that goes wrong while it has a secret at hand."""
    raise ValueError(told)


def test_no_way_of_printing_shows_a_secret() -> None:
    secret = Secret(CANARY)
    holder, model = Holder("x", secret), Model(secret=secret)
    ways = {
        "repr": lambda: repr(secret),
        "str": lambda: str(secret),
        "format": lambda: f"{secret} {secret!r} {secret!s} {secret!a}",
        "format with a width": lambda: f"{secret:>40}",
        "percent": lambda: "%s %r %a" % (secret, secret, secret),  # noqa: UP031 - the way under test
        "str.format": lambda: "{0} {0!r} {0._value.__class__}".format(secret),  # noqa: UP032
        "join": lambda: str.join(", ", ["x", secret]),  # type: ignore[list-item]
        "in a list": lambda: str([secret, {"a": secret}, (secret,)]),
        "in a dataclass": lambda: f"{holder}{holder!r}",
        "as a dictionary": lambda: dataclasses.asdict(holder),
        "in a model": lambda: f"{model}{model!r}",
        "model as JSON": model.model_dump_json,
        "model as a dictionary": model.model_dump,
        "pprint": lambda: pprint.pformat({"a": [holder]}),
        "json": lambda: json.dumps({"a": secret}),
        "json with str": lambda: json.dumps({"a": secret}, default=str),
        "json with repr": lambda: json.dumps({"a": secret}, default=repr),
        "json with vars": lambda: json.dumps({"a": secret}, default=vars),
        "json with dict": lambda: json.dumps({"a": secret}, default=lambda each: each.__dict__),
        "msgspec": lambda: msgspec.json.encode({"a": secret}),
        "msgspec to builtins": lambda: msgspec.to_builtins(holder),
        "FastAPI": lambda: jsonable_encoder({"a": secret}),
        "pickle": lambda: pickle.dumps(secret),
        "pickle of a holder": lambda: pickle.dumps(holder),
        "copy": lambda: copy.copy(secret),
        "deepcopy": lambda: copy.deepcopy(holder),
        "bytes": lambda: bytes(secret),  # type: ignore[call-overload]
        "iteration": lambda: list(secret),  # type: ignore[call-overload]
        "length": lambda: len(secret),  # type: ignore[arg-type]
        "vars": lambda: vars(secret),
        "comparison": lambda: secret < "x",  # type: ignore[operator]
        "addition": lambda: secret + "x",  # type: ignore[operator]
        "an exception": lambda: (_ for _ in ()).throw(ValueError(secret)),
        "a key error": lambda: {}[secret],  # type: ignore[index]
        "an assertion": lambda: (_ for _ in ()).throw(AssertionError(f"{secret} is wrong", holder)),
    }
    for what, printing in ways.items():
        assert CANARY not in attempt(printing), what
    assert secret.reveal() == CANARY


def test_no_log_shows_a_secret(capsys: pytest.CaptureFixture[str]) -> None:
    holder = Holder("x", Secret(CANARY))
    for renderer in (
        structlog.processors.JSONRenderer(),
        structlog.dev.ConsoleRenderer(colors=False),
        structlog.processors.LogfmtRenderer(),
        structlog.processors.KeyValueRenderer(),
    ):
        out = io.StringIO()
        logger = structlog.wrap_logger(
            structlog.WriteLogger(out), processors=[structlog.processors.format_exc_info, renderer]
        )
        try:
            fail(holder.secret)
        except ValueError:
            logger.warning("it_failed", secret=holder.secret, holder=str(holder), exc_info=True)
        assert "it_failed" in out.getvalue()
        assert CANARY not in out.getvalue()
    logging.getLogger("sl.test").warning("%s %r", holder.secret, holder)
    assert CANARY not in capsys.readouterr().err


@pytest.mark.parametrize("json_lines", [True, False])
def test_the_products_own_log_shows_no_local_variable_of_a_failure(
    capsys: pytest.CaptureFixture[str], json_lines: bool
) -> None:
    """Locals hold what has been revealed for one call, and keys as bytes, which no type can mask."""
    outlet = logging.getLogger()
    handlers, level, before = outlet.handlers[:], outlet.level, structlog.get_config()
    try:
        log.configure(level="info", json_lines=json_lines)
        logger = structlog.get_logger()
        try:
            fail("it broke", CANARY)
        except ValueError:
            logger.exception("unexpected_error")
            logging.getLogger("a.library").exception("it broke")
        shown = capsys.readouterr().err
    finally:
        structlog.configure(**before)
        outlet.handlers[:] = handlers
        outlet.setLevel(level)
    assert shown.count("it broke") >= 2
    assert "unexpected_error" in shown
    assert CANARY not in shown


def test_a_traceback_with_variables_shows_the_mask() -> None:
    """A debugger, a crash reporter or a console prints locals."""
    secret = Secret(CANARY)
    try:
        fail(f"no {secret}")
    except ValueError:
        out = io.StringIO()
        Console(file=out, width=200).print(Traceback(show_locals=True))
    assert "Secret(***)" in out.getvalue()
    assert f"secret = '{CANARY}" not in out.getvalue()


# Sealing

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
MSPS = st.uuids()
PARTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=12)
PLACES = st.builds(Place, msp_id=MSPS, table=PARTS, column=PARTS, row=PARTS)
VERSIONS = st.integers(1, 2**32 - 1)


@given(PLACES, VERSIONS, st.binary(max_size=200))
def test_what_is_sealed_opens_in_its_place(place: Place, version: int, plaintext: bytes) -> None:
    sealed = seal(KEY, version, place, plaintext)
    assert unseal(KEY, place, sealed) == plaintext
    assert key_version(sealed) == version


@given(st.lists(PLACES, min_size=2, max_size=2, unique=True), VERSIONS, st.binary(max_size=200))
def test_in_any_other_place_it_does_not_open(places: list[Place], version: int, plaintext: bytes) -> None:
    """Another row, column, table or tenant."""
    place, other = places
    with pytest.raises(SealBroken):
        unseal(KEY, other, seal(KEY, version, place, plaintext))


@given(PLACES, st.sampled_from(["msp_id", "table", "column", "row"]), st.text(min_size=1, max_size=3))
def test_each_part_of_the_place_counts(place: Place, part: str, more: str) -> None:
    changed: object = uuid4() if part == "msp_id" else getattr(place, part) + more
    with pytest.raises(SealBroken):
        unseal(KEY, dataclasses.replace(place, **{part: changed}), seal(KEY, 1, place, b"x"))


@given(PLACES, st.lists(VERSIONS, min_size=2, max_size=2, unique=True))
def test_another_version_in_its_head_does_not_open(place: Place, versions: list[int]) -> None:
    version, other = versions
    sealed = seal(KEY, version, place, b"secret")
    with pytest.raises(SealBroken):
        unseal(KEY, place, sealed[:1] + other.to_bytes(4, "big") + sealed[5:])


def test_every_altered_bit_is_found() -> None:
    place = Place(UUID(int=1), "t", "c", "r")
    sealed = seal(KEY, 1, place, b"secret")
    for position in range(len(sealed) * 8):
        altered = bytearray(sealed)
        altered[position // 8] ^= 1 << position % 8
        with pytest.raises(SealBroken):
            unseal(KEY, place, bytes(altered))


@given(PLACES, st.binary(max_size=80))
def test_noise_and_cut_values_do_not_open(place: Place, noise: bytes) -> None:
    with pytest.raises(SealBroken):
        unseal(KEY, place, noise)
    sealed = seal(KEY, 1, place, b"secret")
    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            unseal(KEY, place, sealed[:length])


def test_another_key_does_not_open() -> None:
    place = Place(UUID(int=1), "t", "c", "r")
    with pytest.raises(SealBroken):
        unseal(OTHER_KEY, place, seal(KEY, 1, place, b"secret"))


def test_equal_values_are_sealed_differently() -> None:
    place = Place(UUID(int=1), "t", "c", "r")
    assert len({seal(KEY, 1, place, b"secret") for _ in range(500)}) == 500


def test_a_broken_seal_does_not_say_what_was_in_it() -> None:
    place = Place(UUID(int=1), "t", "c", "r")
    with pytest.raises(SealBroken) as broken:
        unseal(OTHER_KEY, place, seal(KEY, 1, place, CANARY.encode()))
    assert CANARY not in "".join(traceback.format_exception(broken.value))
