"""Standing rules, pure: what matches, what may be kept, what can never be approved. Properties over everything."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import example, given, settings, strategies as st

from stepladder.elevation.policy import KindNotAllowed, Verdict
from stepladder.elevation.rules.policy import (
    LONGEST_LIFE,
    Asked,
    Draft,
    Match,
    RuleRefused,
    RuleState,
    Standing,
    applies,
    check,
    choose,
)
from stepladder.elevation.rules.programs import FAMILIES, _without_version, is_interpreter
from stepladder_protocol.messages import ElevationKind

# Rules and requests meet seldom, and a try costs microseconds.
MANY = settings(max_examples=500)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HERE, THERE = UUID(int=1), UUID(int=2)
# Few values, so that they meet often; spellings that are close to each other, so that near is tried too.
HASHES = st.sampled_from(["ab" * 32, "ab" * 31 + "ac", "cd" * 32])
NAMES = st.sampled_from(
    ["setup.exe", "SETUP.EXE", "setup.exe ", "setup2.exe", "tool", "python3", "cmd.exe", "\uff33etup.exe"]
)
PUBLISHERS = st.sampled_from(["Example Ltd", "example  ltd", "Example Ltd.", "Shady Inc"])
PATHS = st.sampled_from(
    ["/opt/setup.exe", "C:\\Temp\\setup.exe", "/usr/bin/python3", "C:\\Windows\\System32\\cmd.exe"]
)
ARGUMENTS = st.sampled_from([(), ("--quiet",), ("--quiet", "/x"), ("-c", "id")])
KINDS = st.sampled_from(ElevationKind)
MOMENTS = st.timedeltas(timedelta(days=-2), timedelta(days=2)).map(lambda delta: NOON + delta)
BY_HASH = st.builds(Match, sha256=HASHES)
BY_NAME = st.builds(Match, publisher=PUBLISHERS, program_name=NAMES)
APPROVALS = st.builds(
    Standing,
    id=st.uuids(),
    customer_id=st.sampled_from([None, HERE, THERE]),
    verdict=st.just(Verdict.APPROVED),
    kind=KINDS,
    match=BY_HASH | BY_NAME,
    arguments=ARGUMENTS,
    expires_at=MOMENTS,
    confirmed_until=st.none() | MOMENTS,
    note=st.none(),
)
DENIALS = st.builds(
    Standing,
    id=st.uuids(),
    customer_id=st.sampled_from([None, HERE, THERE]),
    verdict=st.just(Verdict.DENIED),
    kind=st.none() | KINDS,
    match=BY_HASH | BY_NAME,
    arguments=st.none(),
    expires_at=MOMENTS,
    confirmed_until=st.none(),
    note=st.none(),
)
RULES = APPROVALS | DENIALS
ASKED = st.builds(
    Asked,
    customer_id=st.sampled_from([HERE, THERE]),
    kind=KINDS,
    program_name=NAMES,
    program_path=PATHS,
    arguments=ARGUMENTS,
    sha256=HASHES,
    publisher=st.none() | PUBLISHERS,
)


def good(**changes: object) -> Standing:
    """A rule that approves the program of `asked`."""
    rule = Standing(
        uuid4(),
        None,
        Verdict.APPROVED,
        ElevationKind.USER,
        Match("ab" * 32),
        ("--quiet",),
        NOON + timedelta(1),
        NOON + timedelta(1),
        None,
    )
    return replace(rule, **changes)  # type: ignore[arg-type]


def asked(**changes: object) -> Asked:
    return replace(
        Asked(
            HERE, ElevationKind.USER, "setup.exe", "/opt/setup.exe", ("--quiet",), "ab" * 32, "Example Ltd"
        ),
        **changes,  # type: ignore[arg-type]
    )


# What approves.


@MANY
@given(st.lists(RULES, max_size=6), ASKED, MOMENTS)
def test_an_approval_comes_only_from_a_confirmed_rule_of_the_same_hash_arguments_and_kind(
    rules: list[Standing], request: Asked, now: datetime
) -> None:
    """The rules once more, as a sentence that shares no code with the first."""
    found = choose(rules, request, now)
    if found is None or found.verdict is Verdict.DENIED:
        return
    assert found.match.sha256 == request.sha256
    assert found.arguments == request.arguments
    assert found.kind is request.kind
    assert found.customer_id in (None, request.customer_id)
    assert now < found.expires_at
    assert found.confirmed_until is not None
    assert now < found.confirmed_until
    assert not is_interpreter(request.program_name)
    assert not is_interpreter(request.program_path)


@MANY
@given(st.lists(APPROVALS, max_size=6), ASKED, MOMENTS)
def test_a_name_a_path_and_a_publisher_approve_nothing(
    rules: list[Standing], request: Asked, now: datetime
) -> None:
    """Crafted files with the same name, path and publisher but another hash do not match (threat T23)."""
    rules = [rule for rule in rules if rule.match.sha256 != request.sha256]
    assert choose(rules, request, now) is None


@MANY
@given(st.lists(RULES, max_size=6), ASKED, MOMENTS, st.randoms(use_true_random=False))
def test_the_order_of_rules_decides_nothing(
    rules: list[Standing], request: Asked, now: datetime, shuffle: random.Random
) -> None:
    found = choose(rules, request, now)
    shuffled = list(rules)
    shuffle.shuffle(shuffled)
    assert choose(shuffled, request, now) == found


@MANY
@given(st.lists(RULES, max_size=6), ASKED, MOMENTS, DENIALS)
def test_one_more_denial_never_ends_in_more_rights(
    rules: list[Standing], request: Asked, now: datetime, denial: Standing
) -> None:
    before, after = choose(rules, request, now), choose([*rules, denial], request, now)
    if after is not None and after.verdict is Verdict.APPROVED:
        assert after == before
    if applies(denial, request, now):
        assert after is not None
        assert after.verdict is Verdict.DENIED


@MANY
@given(RULES, ASKED, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_no_rule_acts_from_the_moment_it_expires(rule: Standing, request: Asked, late: timedelta) -> None:
    assert not applies(rule, request, rule.expires_at + late)


@MANY
@given(APPROVALS, ASKED, MOMENTS)
def test_no_approval_acts_that_nobody_confirmed_or_past_what_they_confirmed(
    rule: Standing, request: Asked, now: datetime
) -> None:
    assert not applies(replace(rule, confirmed_until=None), request, now)
    if rule.confirmed_until is not None and now >= rule.confirmed_until:
        assert not applies(rule, request, now)


@MANY
@given(RULES, ASKED, MOMENTS)
def test_a_rule_of_one_customer_does_nothing_at_another(
    rule: Standing, request: Asked, now: datetime
) -> None:
    if rule.customer_id not in (None, request.customer_id):
        assert not applies(rule, request, now)


@MANY
@given(RULES, ASKED, MOMENTS)
def test_what_is_looked_up_is_all_that_could_apply(rule: Standing, request: Asked, now: datetime) -> None:
    """The database is asked by `rule_keys`: a rule with another key must never be needed."""
    if applies(rule, request, now):
        assert rule.match.key in request.rule_keys()


@pytest.mark.parametrize(
    "changes",
    [
        {"sha256": "ab" * 31 + "ac"},
        {"arguments": ()},
        {"arguments": ("--quiet", "--quiet")},
        {"arguments": ("--Quiet",)},
        {"kind": ElevationKind.ADMIN},
        {"program_name": "cmd.exe"},
        {"program_path": "C:\\Windows\\System32\\cmd.exe"},
    ],
)
def test_a_program_that_differs_in_one_thing_is_left_to_people(changes: dict[str, object]) -> None:
    assert choose([good()], asked(), NOON) is not None
    assert choose([good()], asked(**changes), NOON) is None


def test_a_rule_of_one_customer_leaves_another_to_people() -> None:
    own = good(customer_id=HERE)
    deny = replace(own, verdict=Verdict.DENIED, kind=None, arguments=None)
    for rule in (own, deny):
        assert choose([rule], asked(), NOON) == rule
        assert choose([rule], asked(customer_id=THERE), NOON) is None


def test_a_customers_own_rule_goes_before_the_msps_and_a_denial_before_both() -> None:
    everywhere, own = good(id=UUID(int=1)), good(id=UUID(int=2), customer_id=HERE)
    deny = replace(good(id=UUID(int=3)), verdict=Verdict.DENIED, kind=None, arguments=None)
    assert choose([everywhere, own], asked(), NOON) == own
    assert choose([everywhere, own, deny], asked(), NOON) == deny
    assert choose([everywhere, own, deny], asked(customer_id=THERE), NOON) == deny


@pytest.mark.parametrize("publisher", ["Shady Ltd", "SHADY LTD", " shady   ltd ", "\uff33hady Ltd"])
@pytest.mark.parametrize("name", ["miner.exe", "MINER.exe", "miner.exe "])
def test_a_denial_by_publisher_and_name_is_not_escaped_by_spelling(publisher: str, name: str) -> None:
    rule = replace(
        good(), verdict=Verdict.DENIED, match=Match(None, "Shady Ltd", "Miner.exe"), kind=None, arguments=None
    )
    assert choose([rule], asked(publisher=publisher, program_name=name, sha256="cd" * 32), NOON) == rule
    assert choose([rule], asked(publisher=None, program_name=name), NOON) is None
    assert choose([rule], asked(publisher=publisher), NOON) is None


def test_publisher_and_name_do_not_run_into_each_other() -> None:
    assert Match(None, "a b", "c").key != Match(None, "a", "b c").key
    assert Match(None, "a\nb", "c").key != Match(None, "a", "b\nc").key


# What may be kept.


def draft(**changes: object) -> Draft:
    wanted = Draft(Verdict.APPROVED, Match("ab" * 32), NOON + timedelta(30), ElevationKind.USER)
    return replace(wanted, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "match",
    [
        Match(),
        Match(program_name="setup.exe"),
        Match(publisher="Example Ltd"),
        Match("ab" * 32, "Example Ltd", "setup.exe"),
        Match("ab" * 32, program_name="setup.exe"),
        Match("ab" * 32, publisher="Example Ltd"),
    ],
)
@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_rule_matches_by_hash_or_by_publisher_and_name_together_never_by_a_name_alone(
    match: Match, verdict: Verdict
) -> None:
    with pytest.raises(RuleRefused):
        check(draft(match=match, verdict=verdict), NOON, list(ElevationKind))


@pytest.mark.parametrize(
    "sha256", ["AB" * 32, "ab" * 31, "ab" * 33, "zz" * 32, "", " " + "ab" * 32, "ab" * 32 + "\n"]
)
def test_a_hash_is_exactly_a_hash(sha256: str) -> None:
    with pytest.raises(RuleRefused):
        check(draft(match=Match(sha256)), NOON, list(ElevationKind))


@given(st.timedeltas(timedelta(days=-400), timedelta(days=800)))
@example(timedelta(0))
@example(LONGEST_LIFE)
@example(LONGEST_LIFE + timedelta(microseconds=1))
def test_a_rule_ends_within_a_year(ahead: timedelta) -> None:
    wanted = draft(expires_at=NOON + ahead)
    if timedelta(0) < ahead <= LONGEST_LIFE:
        check(wanted, NOON, list(ElevationKind))
    else:
        with pytest.raises(RuleRefused):
            check(wanted, NOON, list(ElevationKind))


def test_an_approval_names_its_kind_and_no_more_than_may_be_given() -> None:
    with pytest.raises(RuleRefused):
        check(draft(kind=None), NOON, list(ElevationKind))
    with pytest.raises(KindNotAllowed):
        check(draft(kind=ElevationKind.ADMIN), NOON, [ElevationKind.USER])
    with pytest.raises(KindNotAllowed):
        check(draft(), NOON, [])
    check(draft(verdict=Verdict.DENIED, kind=ElevationKind.ADMIN), NOON, [])


def test_a_denial_has_no_arguments_because_it_denies_with_any() -> None:
    with pytest.raises(RuleRefused):
        check(draft(verdict=Verdict.DENIED, arguments=("x",)), NOON, [])


@pytest.mark.parametrize(
    "name", ["bash", "cmd.exe", "PowerShell.exe", "python3.11", "msiexec.exe", "rundll32.exe"]
)
def test_no_rule_approves_an_interpreter_by_its_name_and_any_rule_may_deny_it(name: str) -> None:
    named = draft(match=Match(None, "Somebody", name))
    with pytest.raises(RuleRefused):
        check(named, NOON, list(ElevationKind))
    check(replace(named, verdict=Verdict.DENIED), NOON, [])


def test_an_approval_by_publisher_is_kept_and_never_applied() -> None:
    rule = good(match=Match(None, "Example Ltd", "setup.exe"))
    assert rule.state(NOON) is RuleState.STORED
    assert not applies(rule, asked(), NOON)


# Which programs run what they are handed.


@given(
    st.sampled_from(sorted(FAMILIES)),
    st.sampled_from(["", ".exe", ".EXE", ".com", ".exe.exe", ".", " ", ".exe ."]),
    st.sampled_from(["", "/usr/bin/", "C:\\Windows\\System32\\", "//server/share/", "C:/x/", ".\\"]),
    st.sampled_from([str.lower, str.upper, str.title, lambda text: text]),
)
def test_a_family_is_known_in_every_spelling(name: str, ending: str, folder: str, respell: object) -> None:
    assert is_interpreter(folder + respell(name) + ending)  # type: ignore[operator]


@pytest.mark.parametrize(
    "name",
    [
        "python3", "python3.11", "python3.11-dbg", "python-3.12.4-amd64.exe", "perl5.36.0", "lua5.4", "php8.2", "pwsh-preview",
        "gawk-5", "rundll32", "regsvr32.exe", "PSEXEC64.exe", "POWERS~1.EXE", "cmd.exe:stream", "\uff43\uff4d\uff44.exe", "bash\u200b", "",
        "...", "/", "C:\\", "ld-linux-x86-64.so.2", "ruby2.7", "node18", "busybox-1.36",
    ],
)  # fmt: skip
def test_versions_editions_and_disguises_are_known_too(name: str) -> None:
    assert is_interpreter(name)


@pytest.mark.parametrize(
    "name",
    [
        "setup.exe", "7z2401-x64.exe", "vlc-3.0.20-win64.exe", "Größe.exe", "AcroRdrDC.exe", "chrome_installer.exe", "gparted",
        "shutter", "bashful.exe", "cmdr.exe", "pythonista", "netsetup", "wireshark", "findmyfont.exe", "timesheet.exe",
        "/usr/bin/synaptic", "C:\\Program Files\\Tool (x86)\\tool v2.exe", "make-me-a-map.exe",
    ],
)  # fmt: skip
def test_ordinary_programs_are_none_of_them(name: str) -> None:
    assert not is_interpreter(name)


@given(st.text(max_size=40))
def test_any_text_can_be_classed(text: str) -> None:
    assert is_interpreter(text) in (True, False)


@pytest.mark.parametrize(
    "path",
    [
        "/usr/bin/xterm",
        "/bin/dd",
        "/usr/bin/tee",
        "/usr/bin/psql",
        "/bin/cp",
        "/usr/bin/nano",
        "/usr/bin/curl",
        "/usr/sbin/visudo",
        "C:\\Windows\\System32\\Robocopy.exe",
        "C:\\Windows\\notepad.exe",
        "/usr/bin/7z",
    ],
)
def test_what_opens_a_shell_or_writes_any_file_is_left_to_a_person_each_time(path: str) -> None:
    """SEC-20."""
    assert is_interpreter(path)


@pytest.mark.parametrize(
    "path", ["/opt/vendor/setup", "C:\\Program Files\\Vendor\\Updater.exe", "/opt/ipscan/ipscan"]
)
def test_what_does_one_thing_may_have_a_rule(path: str) -> None:
    """SEC-20: the list must not refuse everything."""
    assert not is_interpreter(path)


@pytest.mark.parametrize("part", ["1-", "v1.", "-_. ", "1", "a1-"])
def test_a_name_of_any_length_is_classed_in_time_by_its_length(part: str) -> None:
    """SEC-26: with a pattern that looks at each beginning, this would take hours."""
    assert is_interpreter(part * 300_000 + "!") in (True, False)


@given(st.text(alphabet="pv1.-_ +éx", max_size=12))
def test_a_version_is_taken_off_as_ever(stem: str) -> None:
    """SEC-26: the same names as by the pattern that it replaces."""
    assert _without_version(stem) == re.sub(r"[-_. ]*v?\d[\w.+-]*$", "", stem)
