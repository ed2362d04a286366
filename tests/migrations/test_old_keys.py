"""Keys, machines and rules of an old installation are let in, refused and applied as before."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.migrations.callers import REQUESTS, Machine, ask_to_enrol, call_with_key, press_button
from tests.migrations.product import Product
from tests.migrations.restored import Old

from stepladder_protocol import keys
from stepladder_protocol.grants import verify_grant
from stepladder_protocol.messages import SignedGrant

MADE_BY_SET_UP = "set up: Idemeum API integration"


async def test_keys_may_do_what_they_might(product: Product, old: Old) -> None:
    msp = old.northstar

    async def read(key: str, path: str, status: int, address: str = "192.0.2.10") -> Any:
        wire = call_with_key(msp.host, f"/api/integrations{path}", msp.keys[key])
        return (await product.send(wire, status, address=address)).json()

    assert len((await read("everything", "/customers", 200))["items"]) == 10
    await read("everything", "/audit/events", 200)
    assert len((await read("two customers", "/customers", 200))["items"]) == 2
    await read("two customers", "/audit/events", 403)
    await read("the office", "/customers", 200, "203.0.113.77")
    await read("the office", "/customers", 200, "2001:db8::9")
    for key in ("the office", "revoked", "a day"):
        await read(key, "/customers", 401)
    foreign = call_with_key(msp.host, "/api/integrations/customers", old.southwind.keys["buttons"])
    await product.send(foreign, 401)


async def test_buttons_decide_for_whom_they_might(product: Product, old: Old) -> None:
    msp, naming = old.northstar, "buttons that name the technician"

    async def press(request_id: str, customer: str, status: int, key: str, email: str = "") -> None:
        wire = press_button(msp.host, "deny", request_id, customer, msp.keys[key], technician=email)
        await product.send(wire, status)

    # A request is found by the name that its customer had when it was asked, and by the one of today.
    renamed, waiting = msp.requests["of a renamed customer"], msp.requests["never tried"]
    await press(renamed, "Adventure Works", 200, MADE_BY_SET_UP)
    await press(renamed, "Adventure Works Cycles", 200, MADE_BY_SET_UP)
    await press(waiting, "Contoso Dental", 404, MADE_BY_SET_UP)
    answer = await product.submit(msp.find_machine("CD-FRONT-01"), "today at Contoso")
    today = answer.json()["request_id"]
    await press(today, "Contoso Dental", 403, naming)
    await press(today, "Contoso Dental", 403, naming, "robin@nikpot.example")
    await press(waiting, "Northwind Traders", 403, naming, "rita@nikpot.example")
    await press(today, "Contoso Dental", 200, naming, "rita@nikpot.example")


async def test_machines_are_let_in_as_before(product: Product, old: Old) -> None:
    msp, now = old.northstar, product.clock.now()

    async def look(label: str, machine: Machine, status: int) -> Any:
        wire = machine.sign("GET", f"{REQUESTS}/{msp.requests[label]}", now)
        return (await product.send(wire, status)).json()

    listed = {row["id"]: row for row in old.facts["listings"][msp.host]["request list"]}
    for label, request_id in msp.requests.items():
        if label != "of a deleted customer":
            assert (await look(label, msp.find_asker(label), 200))["state"] == listed[request_id]["state"]
    await look("of a deleted customer", msp.find_asker("of a deleted customer"), 403)
    await look("long open", msp.find_machine("NW-OLD-001"), 403)
    await look("long open", msp.find_machine("held twin"), 403)
    await look("long open", msp.find_machine("activated twin"), 404)
    # A message that was taken before the upgrade is not taken again behind it.
    await product.send(msp.read_sent(), 401)
    joined = "never tried, joined"
    again = await product.submit(msp.find_asker(joined), joined, "never tried", status=200)
    assert again.json()["request_id"] == msp.requests["never tried"]


async def test_enrolment_tokens_are_as_good_as_before(product: Product, old: Old) -> None:
    msp = old.northstar
    for label, name, status in (
        ("expired", "NW-1", 401),
        ("used by NW-LAP-014", "NW-1", 401),
        ("for one name", "CD-ANOTHER", 401),
        ("for one name", "CD-NEW-1", 201),
    ):
        key = Ed25519PrivateKey.generate()
        await product.send(ask_to_enrol(msp.host, msp.tokens[label], key, name, product.clock.now()), status)


async def test_grants_are_the_same_and_new_ones_are_believed(product: Product, old: Old) -> None:
    msp, now = old.northstar, product.clock.now()

    async def fetch(label: str, status: int) -> Any:
        wire = msp.find_asker(label).sign("GET", f"{REQUESTS}/{msp.requests[label]}/grant", now)
        return (await product.send(wire, status)).json()

    pinned = {kid: keys.load_public_key(text) for kid, text in msp.facts["public_keys"]["grant"].items()}
    assert (
        await fetch("again: approved at a terminal", 200)
        == msp.facts["answers"]["again: approved at a terminal"]
    )
    await fetch("approved by button", 410)
    fresh = SignedGrant.model_validate(await fetch("approved just now", 200))
    verify_grant(
        fresh,
        pinned_keys=pinned,
        audience=msp.find_asker("approved just now").id,
        issuer=msp.host,
        request_id=msp.requests["approved just now"],
        now=now,
    )


async def test_standing_rules_decide_as_before(product: Product, old: Old) -> None:
    machine = old.northstar.find_machine("NW-LAP-014")
    for program, state in (
        ("approved by a rule", "approved"),
        ("denied by a rule", "denied"),
        ("waits for a person", "pending"),
        ("once approved by a rule", "pending"),
        ("denied for an hour", "pending"),
    ):
        answer = await product.submit(machine, f"today: {program}", program)
        assert answer.json()["state"] == state, program
