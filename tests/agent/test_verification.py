"""An approval holds only if every check does; each test changes one thing of an approval that would hold."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stepladder_agent import enrolment, verification
from stepladder_agent.clock import local_now
from stepladder_agent.errors import NotVerified
from stepladder_agent.files import StateDirectory
from stepladder_protocol import keys
from stepladder_protocol.grants import arguments_digest, sign_grant
from stepladder_protocol.messages import ElevationKind, RequestState

from .conftest import files_in, make_program


def changed(**fields):
    return lambda grant: grant.model_copy(update=fields)


def changed_file(**fields):
    return lambda grant: grant.model_copy(update={"file": grant.file.model_copy(update=fields)})


def moved(**spans):
    return lambda grant: grant.model_copy(
        update={name: getattr(grant, name) + timedelta(seconds=seconds) for name, seconds in spans.items()}
    )


WRONG_GRANTS = {
    "another machine": changed(audience="ep-other"),
    "another issuer": changed(issuer="https://evil.example"),
    "another request": changed(request_id="er-other"),
    "another person": changed(person="mallory"),
    "another publisher": changed_file(publisher="Debian package sudo 1.9"),
    "another path": changed_file(path="/usr/bin/id"),
    "another hash": changed_file(sha256="ab" * 32),
    "another size": changed_file(size=1),
    "other arguments": changed(arguments_sha256=arguments_digest(["--force"])),
    "no arguments": changed(arguments_sha256=arguments_digest([])),
    "expired": moved(not_before=-700, expires_at=-700),
    "not yet valid": moved(not_before=300, expires_at=300),
    "no nonce": changed(nonce=""),
}


def flipped(text):
    return ("B" if text[0] == "A" else "A") + text[1:]


WRONG_SIGNATURES = {
    "flipped signature": lambda signed: signed.model_copy(update={"signature": flipped(signed.signature)}),
    "no signature": lambda signed: signed.model_copy(update={"signature": ""}),
    "unknown key": lambda signed: signed.model_copy(update={"kid": "other"}),
    "no algorithm": lambda signed: signed.model_copy(update={"alg": "none"}),
    "forged by another key": lambda signed: sign_grant(
        signed.grant, kid=signed.kid, key=Ed25519PrivateKey.generate()
    ),
    "changed after signing": lambda signed: signed.model_copy(
        update={"grant": signed.grant.model_copy(update={"person": "mallory"})}
    ),
}


@pytest.fixture
def ask(agent, enrolled, server, program):
    """Ask for one program, and be approved on the first poll."""
    server.decision_on_poll = RequestState.APPROVED
    return lambda: agent("request", "--json", "--", str(program), "--quiet", "two words")


def test_an_approval_that_holds_is_verified_and_its_nonce_journalled(ask, server, state_dir, program):
    result = ask()

    assert result.code == 0, result.err
    assert result.facts["verified"] is True
    assert result.facts["grant"]["file"]["sha256"] == hashlib.sha256(program.read_bytes()).hexdigest()
    nonce = server.only_request()[1].grant.nonce
    assert [path.stem for path in files_in(state_dir / "grants")] == [
        hashlib.sha256(nonce.encode()).hexdigest()
    ]


def test_the_kind_is_the_approvers_to_choose_and_the_user_is_told(ask, server):
    server.twist_grant = changed(kind=ElevationKind.ADMIN)

    result = ask()

    assert result.code == 0, result.err
    assert result.facts["grant"]["kind"] == "ADMIN"
    assert "as a managed administrator" in result.err


@pytest.mark.parametrize("twist", WRONG_GRANTS.values(), ids=WRONG_GRANTS)
def test_a_truly_signed_grant_for_anything_else_is_refused(ask, server, state_dir, twist):
    server.twist_grant = twist

    assert_not_verified(ask(), state_dir)


@pytest.mark.parametrize("twist", WRONG_SIGNATURES.values(), ids=WRONG_SIGNATURES)
def test_a_grant_whose_signature_does_not_hold_is_refused(ask, server, state_dir, twist):
    server.twist_signed = twist

    assert_not_verified(ask(), state_dir)


def assert_not_verified(result, state_dir):
    assert result.code == 20, result.err
    assert result.facts["outcome"] == "not_verified"
    assert result.facts["verified"] is False
    assert "grant" not in result.facts
    assert files_in(state_dir / "grants") == []


def swap_content(program):
    make_program(program, b"#!/bin/sh\nexit 1\n")


def swap_for_link(program):
    make_program(program.with_name("other"), program.read_bytes())
    program.unlink()
    program.symlink_to("other")


def swap_for_directory(program):
    program.unlink()
    program.mkdir()


SWAPS = {
    "other content": swap_content,
    "a link": swap_for_link,
    "a directory": swap_for_directory,
    "nothing": lambda program: program.unlink(),
    "not executable": lambda program: program.chmod(0o644),
}


@pytest.mark.parametrize("swap", SWAPS.values(), ids=SWAPS)
def test_a_program_swapped_after_it_was_asked_for_is_refused(ask, server, state_dir, program, swap):
    def swap_first(grant):
        swap(program)
        return grant

    server.twist_grant = swap_first

    assert_not_verified(ask(), state_dir)


def test_a_grant_for_a_copy_of_the_program_elsewhere_is_refused(ask, server, state_dir, program):
    copy = make_program(program.with_name("copy"), program.read_bytes())
    server.twist_grant = changed_file(path=str(copy))

    assert_not_verified(ask(), state_dir)


def test_a_grant_for_what_the_program_became_is_refused_for_it_was_not_asked(ask, server, state_dir, program):
    def swap_and_follow(grant):
        swap_content(program)
        content = program.read_bytes()
        return changed_file(sha256=hashlib.sha256(content).hexdigest(), size=len(content))(grant)

    server.twist_grant = swap_and_follow

    assert_not_verified(ask(), state_dir)


def test_a_grant_that_was_accepted_is_not_accepted_again(ask, server):
    """The server gives out one nonce for two requests."""
    server.twist_grant = changed(nonce="the-same-nonce")

    assert ask().code == 0
    result = ask()

    assert result.code == 20
    assert "accepted before" in result.facts["detail"]


def test_a_grant_whose_use_cannot_be_recorded_is_refused(ask, state_dir):
    (state_dir / "grants").write_text("in the way of the folder")

    result = ask()

    assert result.code == 20
    assert "could not be recorded" in result.facts["detail"]


class Approval:
    """A grant that holds, to be checked by hand under clocks of our choice."""

    def __init__(self, server, state_dir):
        request_id, asked = server.only_request()
        self.arguments = {
            "enrolment": enrolment.load(StateDirectory(state_dir)),
            "request_id": request_id,
            "asked": asked.body,
        }
        self.signed = sign_grant(asked.grant, kid=server.kid, key=server.grant_key)

    def check(self, server_now):
        return verification.check_grant(self.signed, server_now=server_now, **self.arguments)


@pytest.fixture
def approval(ask, server, state_dir):
    assert ask().code == 0
    return Approval(server, state_dir)


def test_a_grant_must_be_in_force_by_the_servers_time_too(approval, monkeypatch):
    """A clock set back at the desktop wins nothing."""
    assert approval.check(local_now())

    for hours in (-1, 1):
        with pytest.raises(NotVerified):
            approval.check(local_now() + timedelta(hours=hours))
    with pytest.raises(NotVerified, match="did not send its time"):
        approval.check(None)


def test_a_grant_must_be_in_force_by_the_local_time_too(approval, monkeypatch):
    true_now = local_now()
    for hours in (-1, 1):
        monkeypatch.setattr(verification, "local_now", lambda hours=hours: true_now + timedelta(hours=hours))
        with pytest.raises(NotVerified):
            approval.check(true_now)


def test_only_the_keys_pinned_at_enrolment_count_not_those_the_server_names_now(ask, server, state_dir):
    server.grant_key = Ed25519PrivateKey.generate()

    assert_not_verified(ask(), state_dir)
    assert keys.public_key_text(server.grant_key) not in (state_dir / "enrolment.json").read_text()
