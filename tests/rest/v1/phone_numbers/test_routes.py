"""The sixteen operations on numbers, every answer held to the contract."""

from typing import Any

import pytest

from tests.domains.numbers.rig import MOBILE
from tests.fakes.api import code_of, operations
from tests.fakes.statements import counted_statements
from tests.rest.v1.phone_numbers.surface import Surface, open_surface
from voice_engine.domains.usage.models import SubscriptionState
from voice_engine.domains.usage.plans import PlanType
from voice_engine.errors import UpstreamFailed
from voice_engine.rest.v1.phone_numbers.routes import router
from voice_engine.store.engine import Store

UNKNOWN = "4b4a0001-5d3c-4b8e-9a61-0918f6161eef"

BODIES: dict[str, dict[str, Any]] = {
    "provisionNumber": {"country": "US"},
    "addForwardingTarget": {"phone_number": MOBILE},
    "startPhoneVerification": {"phone_number": MOBILE},
    "checkPhoneVerification": {"phone_number": MOBILE, "code": "123456"},
    "configureVerifiedNumber": {"phone_number": MOBILE, "use_as_caller_id": True},
    "setNumberForwarding": {"forwarding_number": MOBILE},
    "verifyNumberOwnership": {"channel": "sms"},
    "setCallerId": {"caller_id_name": "John's Office"},
}

OPERATIONS = [operation for operation in operations() if "Phone Numbers" in operation.tags]
ALL = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
WITH_ID = pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS if "{" in one.path], ids=lambda operation: operation.id
)


def path_of(operation: Any, number_id: str = UNKNOWN) -> str:
    path: str = operation.path.replace("{phone_number_id}", number_id)
    return f"{path}?country=US" if operation.id == "searchAvailableNumbers" else path


def request_of(operation: Any, number_id: str = UNKNOWN) -> tuple[str, str, dict[str, Any]]:
    body = BODIES.get(operation.id)
    return operation.method, path_of(operation, number_id), {} if body is None else {"json": body}


def down() -> UpstreamFailed:
    return UpstreamFailed("carrier_unavailable", "no answer", provider="twilio", retryable=True)


def test_every_operation_of_the_contract_is_there() -> None:
    served = {(next(iter(route.methods)), route.path) for route in router.routes}  # type: ignore[attr-defined]  # routes of ours

    assert served == {(operation.method, operation.path) for operation in OPERATIONS}
    assert len(served) == 16


@ALL
async def test_a_token_is_needed(surface: Surface, operation: Any) -> None:
    method, path, options = request_of(operation)

    response = await surface.guest.request(method, path, **options)

    assert (response.status_code, code_of(response)) == (401, "missing_token")


@ALL
async def test_the_scope_is_the_contracts(surface: Surface, operation: Any) -> None:
    method, path, options = request_of(operation)

    response = await surface.poor.request(method, path, **options)

    assert (response.status_code, code_of(response)) == (403, "forbidden")
    assert response.json()["error"]["details"]["required_scope"] == operation.scope


@WITH_ID
async def test_anothers_number_an_unknown_and_a_malformed_id_are_the_same(surface: Surface, operation: Any) -> None:
    bobs = (await surface.bobs_api.post("/v1/phone-numbers/provision", json={"country": "US"})).json()

    for number_id in (bobs["id"], UNKNOWN, "not-an-id"):
        method, path, options = request_of(operation, number_id)
        response = await surface.api.request(method, path, **options)
        assert (response.status_code, code_of(response)) == (404, "phone_number_not_found")

    [kept] = (await surface.bobs_api.get("/v1/phone-numbers")).json()["phone_numbers"]
    assert kept == bobs


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/phone-numbers/available", None),
        ("GET", "/v1/phone-numbers/available?country=us", None),
        ("GET", "/v1/phone-numbers/available?country=US&limit=0", None),
        ("GET", "/v1/phone-numbers/available?country=US&limit=51", None),
        ("GET", "/v1/phone-numbers/available?country=US&area_code=x1", None),
        ("POST", "/v1/phone-numbers/provision", {}),
        ("POST", "/v1/phone-numbers/provision", {"country": "usa"}),
        ("POST", "/v1/phone-numbers/provision", {"country": "US", "area_code": "99"}),
        ("POST", "/v1/phone-numbers/provision", {"country": "US", "phone_number": "415"}),
        ("POST", "/v1/phone-numbers/forwarding", {"phone_number": MOBILE, "label": "x" * 61}),
        ("POST", "/v1/phone-numbers/forwarding", {"phone_number": MOBILE, "is_default": "yes"}),
        ("POST", "/v1/phone-numbers/verify/start", {"phone_number": MOBILE, "channel": "letter"}),
        ("POST", "/v1/phone-numbers/verify/check", {"phone_number": MOBILE}),
        ("POST", "/v1/phone-numbers/verify/check", {"phone_number": MOBILE, "code": "12345"}),
        ("POST", "/v1/phone-numbers/verify/check", {"phone_number": MOBILE, "code": "１２３４５６"}),
        ("POST", "/v1/phone-numbers/verify/configure", {}),
        ("POST", "/v1/phone-numbers/verify/configure", {"phone_number": MOBILE, "use_as_caller_id": None}),
        ("PUT", f"/v1/phone-numbers/{UNKNOWN}/caller-id", {"caller_id_name": "sixteen letters!"}),
        ("PUT", f"/v1/phone-numbers/{UNKNOWN}/caller-id", {"caller_id_name": ""}),
        ("PUT", f"/v1/phone-numbers/{UNKNOWN}/forwarding", [MOBILE]),
        ("POST", f"/v1/phone-numbers/{UNKNOWN}/verify", {"code": "abc"}),
    ],
)
async def test_a_malformed_request_names_its_field(surface: Surface, method: str, path: str, body: Any) -> None:
    options = {} if body is None else {"json": body}

    response = await surface.api.request(method, path, **options)

    assert (response.status_code, code_of(response)) == (400, "validation_error")
    assert response.json()["error"]["details"]["fields"]


# -- countries, stock ----------------------------------------------------------------------------------------


async def test_countries_are_listed_by_name(surface: Surface) -> None:
    answer = (await surface.api.get("/v1/phone-numbers/supported-countries")).json()

    names = [country["name"] for country in answer["countries"]]
    assert names == sorted(names)
    assert answer["total"] == len(names) == 34
    assert next(country for country in answer["countries"] if country["code"] == "US") == {
        "code": "US",
        "name": "United States",
        "dial_code": "+1",
        "can_call": True,
        "can_provision": True,
        "emergency_numbers": ["911", "988", "112"],
    }


async def test_stock_is_searched_by_area(surface: Surface) -> None:
    found = (await surface.api.get("/v1/phone-numbers/available?country=US&area_code=415&limit=3")).json()
    none = (await surface.api.get("/v1/phone-numbers/available?country=US&area_code=212")).json()

    assert found["total"] == len(found["numbers"]) == 3
    assert found["numbers"][0] == {
        "phone_number": "+14155550100",
        "friendly_name": "(415) 555-0100",
        "country": "US",
        "area_code": "415",
        "locality": None,
        "region": "CA",
        "capabilities": {"voice": True, "sms": False, "mms": False},
        "monthly_price": 1.15,
        "currency": "USD",
    }
    assert none == {"numbers": [], "total": 0}


async def test_a_country_that_is_not_served_has_no_stock(surface: Surface) -> None:
    response = await surface.api.get("/v1/phone-numbers/available?country=JP")

    assert (response.status_code, code_of(response)) == (403, "unsupported_country")


async def test_a_carrier_that_is_down_is_503(surface: Surface) -> None:
    requests = [
        ("GET", "/v1/phone-numbers/available?country=US", {}),
        ("POST", "/v1/phone-numbers/provision", {"json": {"country": "US"}}),
        ("POST", "/v1/phone-numbers/verify/start", {"json": {"phone_number": MOBILE}}),
    ]
    for method, path, options in requests:
        surface.rig.telephony.fail_next(down())
        response = await surface.api.request(method, path, **options)
        assert (response.status_code, code_of(response)) == (503, "service_unavailable")
        assert response.headers["retry-after"]


# -- provision, list, release --------------------------------------------------------------------------------


async def test_a_number_is_provisioned_listed_and_read(surface: Surface) -> None:
    number = await surface.provision(area_code="415")

    listed = (await surface.api.get("/v1/phone-numbers")).json()
    read = (await surface.api.get(f"/v1/phone-numbers/{number['id']}")).json()

    assert number | {"id": "", "phone_number": "", "friendly_name": ""} == {
        "id": "",
        "phone_number": "",
        "friendly_name": "",
        "country": "US",
        "area_code": "415",
        "type": "provisioned",
        "status": "active",
        "capabilities": {"voice": True, "sms": False, "mms": False},
        "caller_id_name": None,
        "forwarding_number": None,
        "forwarding_enabled": False,
        "verified": True,
        "is_default_outbound": True,
        "created_at": "2026-02-13T15:30:00Z",
    }
    assert listed == {"phone_numbers": [number], "total": 1}
    assert read == number
    assert (await surface.bobs_api.get("/v1/phone-numbers")).json()["total"] == 0


async def test_a_repeated_key_buys_once(surface: Surface) -> None:
    headers = {"Idempotency-Key": "0000004d-5d3c-4b8e-9a61-000000094de3"}
    url, body = "/v1/phone-numbers/provision", {"country": "US"}

    first = await surface.api.post(url, json=body, headers=headers)
    again = await surface.api.post(url, json=body, headers=headers)
    other = await surface.api.post(url, json={"country": "CA"}, headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")
    assert (other.status_code, code_of(other)) == (409, "idempotency_conflict")
    assert len(await surface.rig.telephony.list_numbers()) == 1


async def refused(surface: Surface, status: int, code: str, **body: Any) -> None:
    response = await surface.api.post("/v1/phone-numbers/provision", json={"country": "US", **body})
    assert (response.status_code, code_of(response)) == (status, code)


async def test_refusals_of_a_purchase(store: Store) -> None:
    async with open_surface(store, plan=PlanType.STARTER) as surface:
        await refused(surface, 404, "no_numbers_available", area_code="212")
        await refused(surface, 409, "phone_number_unavailable", phone_number="+14155559999")
        await refused(surface, 409, "phone_number_unavailable", phone_number="+9991234567")
        await refused(surface, 403, "unsupported_country", country="JP")
        await refused(surface, 400, "validation_error", country="JP", area_code="Tokyo")
        await surface.provision()
        await refused(surface, 409, "phone_number_limit_reached")
        await surface.rig.subscribe(PlanType.PRO, SubscriptionState.CANCELED)
        await refused(surface, 400, "no_active_subscription")


async def test_a_lost_answer_that_cannot_be_looked_up_is_settled_later(surface: Surface) -> None:
    """503 now, and with the same key the number afterwards: bought once."""
    url, headers = "/v1/phone-numbers/provision", {"Idempotency-Key": "a"}
    surface.rig.telephony.lose_next_answer()
    look_up = surface.rig.telephony.find_number

    async def fails_once(e164: str) -> None:
        surface.rig.telephony.find_number = look_up  # type: ignore[method-assign]  # as it was
        raise down()

    surface.rig.telephony.find_number = fails_once  # type: ignore[method-assign]  # for one request

    lost = await surface.api.post(url, json={"country": "US"}, headers=headers)
    early = await surface.api.post(url, json={"country": "US"}, headers=headers)
    await surface.rig.later(minutes=2)
    found = await surface.api.post(url, json={"country": "US"}, headers=headers)

    assert (lost.status_code, code_of(lost)) == (503, "service_unavailable")
    assert (early.status_code, code_of(early), early.headers["retry-after"]) == (409, "idempotency_conflict", "10")
    assert (found.status_code, found.headers["idempotent-replayed"]) == (201, "true")
    assert [number.e164 for number in await surface.rig.telephony.list_numbers()] == [found.json()["phone_number"]]


async def test_a_release_is_final(surface: Surface) -> None:
    number = await surface.provision()
    path = f"/v1/phone-numbers/{number['id']}"

    released = await surface.api.delete(path)
    again = await surface.api.delete(path)

    assert released.json() == {
        "success": True,
        "id": number["id"],
        "phone_number": number["phone_number"],
        "status": "released",
        "released_at": "2026-02-13T15:30:00Z",
    }
    assert (again.status_code, code_of(again)) == (404, "phone_number_not_found")
    assert (await surface.api.get(path)).status_code == 404
    assert (await surface.api.get("/v1/phone-numbers")).json() == {"phone_numbers": [], "total": 0}


# -- forwarding, names, details ------------------------------------------------------------------------------


async def test_forwarding_is_set_and_removed(surface: Surface) -> None:
    number = await surface.provision()
    path = f"/v1/phone-numbers/{number['id']}/forwarding"

    on = (await surface.api.put(path, json={"forwarding_number": MOBILE})).json()
    off = [(await surface.api.delete(path)).json() for _ in range(2)]

    assert (on["forwarding_number"], on["forwarding_enabled"]) == (MOBILE, True)
    assert off == [number, number]


GATE = [
    ({}, 422, "missing_phone_number"),
    ({"n": "  "}, 422, "missing_phone_number"),
    ({"n": "tel:+49110"}, 422, "emergency_number"),
    ({"n": "+1555123"}, 422, "invalid_phone_number"),
    ({"n": "+12129761234"}, 422, "toll_number"),
    ({"n": "+18765551234"}, 403, "unsupported_country"),
]


@pytest.mark.parametrize(("given", "status", "code"), GATE)
async def test_every_number_that_is_given_passes_the_gate(
    surface: Surface, given: dict[str, str], status: int, code: str
) -> None:
    number = await surface.provision()
    raw = given.get("n")
    requests = [
        ("PUT", f"/v1/phone-numbers/{number['id']}/forwarding", "forwarding_number"),
        ("POST", "/v1/phone-numbers/forwarding", "phone_number"),
        ("POST", "/v1/phone-numbers/forwarding", "forwarding_number"),
        ("POST", "/v1/phone-numbers/verify/start", "phone_number"),
    ]

    for method, path, field in requests:
        response = await surface.api.request(method, path, json={} if raw is None else {field: raw})
        assert (response.status_code, code_of(response)) == (status, code), path


async def test_forwarding_in_a_circle_is_refused(surface: Surface) -> None:
    number = await surface.provision()

    response = await surface.api.put(
        f"/v1/phone-numbers/{number['id']}/forwarding", json={"forwarding_number": number["phone_number"]}
    )

    assert (response.status_code, code_of(response)) == (400, "validation_error")


async def test_targets_are_added_and_listed_the_default_first(surface: Surface) -> None:
    number = await surface.provision()
    await surface.api.put(f"/v1/phone-numbers/{number['id']}/forwarding", json={"forwarding_number": MOBILE})
    desk = await surface.api.post(
        "/v1/phone-numbers/forwarding", json={"forwarding_number": "+15559876544", "label": "Desk"}
    )
    mobile = await surface.api.post("/v1/phone-numbers/forwarding", json={"phone_number": MOBILE})

    listed = (await surface.api.get("/v1/phone-numbers/forwarding-targets")).json()

    assert (desk.status_code, mobile.status_code) == (201, 201)
    assert listed["total"] == 2
    assert listed["targets"][0] == mobile.json()
    assert mobile.json()["used_by"] == [number["id"]]
    assert [(target["label"], target["is_default"], target["verified"]) for target in listed["targets"]] == [
        (None, True, False),
        ("Desk", False, False),
    ]
    assert (await surface.bobs_api.get("/v1/phone-numbers/forwarding-targets")).json()["total"] == 0


async def test_a_caller_id_name_is_kept(surface: Surface) -> None:
    number = await surface.provision()

    named = await surface.api.put(
        f"/v1/phone-numbers/{number['id']}/caller-id", json={"caller_id_name": "John's Office"}
    )

    assert named.json() == number | {"caller_id_name": "John's Office"}


async def test_details_tell_configuration_and_use(surface: Surface) -> None:
    number = await surface.provision()

    details = (await surface.api.get(f"/v1/phone-numbers/{number['id']}/details")).json()

    assert details == number | {
        "provider": "local",
        "provider_sid": details["provider_sid"],
        "monthly_price": 1.15,
        "renews_at": "2026-03-13T15:30:00Z",
        "configuration": {
            "inbound_enabled": True,
            "recording_enabled": True,
            "language": "en",
            "greeting": None,
            "active_rule_count": 0,
        },
        "usage": {"inbound_calls": 0, "outbound_calls": 0, "minutes": 0},
    }


# -- verification --------------------------------------------------------------------------------------------


async def test_a_phone_is_verified_and_configured(surface: Surface) -> None:
    started = await surface.api.post("/v1/phone-numbers/verify/start", json={"phone_number": MOBILE})
    code = surface.rig.telephony.codes[MOBILE]
    early = await surface.api.post(
        "/v1/phone-numbers/verify/configure", json={"phone_number": MOBILE, "use_as_forwarding_target": True}
    )
    checked = await surface.api.post(
        "/v1/phone-numbers/verify/check", json={"phone_number": "+1 (555) 987-6543", "code": code}
    )
    configured = await surface.api.post(
        "/v1/phone-numbers/verify/configure",
        json={
            "phone_number": MOBILE,
            "use_as_caller_id": True,
            "use_as_forwarding_target": True,
            "label": "Mobile",
        },
    )
    targets = (await surface.api.get("/v1/phone-numbers/forwarding-targets")).json()["targets"]

    assert started.json() == {
        "success": True,
        "phone_number": MOBILE,
        "status": "pending",
        "channel": "sms",
        "expires_at": "2026-02-13T15:40:00Z",
        "attempts_remaining": 5,
        "resend_after": "2026-02-13T15:31:00Z",
    }
    assert (early.status_code, code_of(early)) == (409, "phone_number_not_verified")
    assert (checked.json()["verified"], checked.json()["verified_at"]) == (True, "2026-02-13T15:30:00Z")
    number = configured.json()
    assert checked.json()["phone_number_id"] == number["id"]
    assert (number["type"], number["status"], number["friendly_name"]) == ("verified", "active", "Mobile")
    assert number["is_default_outbound"]
    assert [(target["phone_number"], target["verified"]) for target in targets] == [(MOBILE, True)]


async def test_refusals_of_a_code(surface: Surface) -> None:
    check = "/v1/phone-numbers/verify/check"
    none = await surface.api.post(check, json={"phone_number": MOBILE, "code": "123456"})
    no_number = await surface.api.post(check, json={"phone_number": "nobody", "code": "123456"})
    await surface.api.post("/v1/phone-numbers/verify/start", json={"phone_number": MOBILE})
    code = surface.rig.telephony.codes[MOBILE]
    wrong = await surface.api.post(check, json={"phone_number": MOBILE, "code": f"{(int(code) + 1) % 10**6:06d}"})
    await surface.rig.later(minutes=10)
    expired = await surface.api.post(check, json={"phone_number": MOBILE, "code": code})

    assert (none.status_code, code_of(none)) == (404, "verification_not_found")
    assert (no_number.status_code, code_of(no_number)) == (404, "verification_not_found")
    assert (wrong.status_code, code_of(wrong)) == (400, "invalid_verification_code")
    assert (expired.status_code, code_of(expired)) == (400, "verification_expired")


async def test_a_fourth_code_within_ten_minutes_is_too_many(surface: Surface) -> None:
    start, body = "/v1/phone-numbers/verify/start", {"phone_number": MOBILE}
    statuses = [(await surface.api.post(start, json=body)).status_code for _ in range(3)]

    fourth = await surface.api.post(start, json=body)

    assert statuses == [200, 200, 200]
    assert (fourth.status_code, code_of(fourth)) == (429, "rate_limited")
    assert fourth.headers["retry-after"] == "600"


async def test_ownership_is_verified_by_id(surface: Surface) -> None:
    bought = await surface.provision()
    await surface.api.post("/v1/phone-numbers/verify/start", json={"phone_number": MOBILE})
    numbers = (await surface.api.get("/v1/phone-numbers")).json()["phone_numbers"]
    pending = next(number for number in numbers if number["phone_number"] == MOBILE)
    path = f"/v1/phone-numbers/{pending['id']}/verify"

    at_once = await surface.api.post(f"/v1/phone-numbers/{bought['id']}/verify")
    sent = await surface.api.post(path)
    proven = await surface.api.post(path, json={"code": surface.rig.telephony.codes[MOBILE]})

    assert (at_once.json()["status"], at_once.json()["expires_at"]) == ("verified", None)
    assert (pending["status"], pending["verified"]) == ("pending_verification", False)
    assert (sent.json()["status"], sent.json()["expires_at"]) == ("pending", "2026-02-13T15:40:00Z")
    assert (proven.json()["status"], proven.json()["verified"]) == ("verified", True)


async def test_a_list_costs_as_many_statements_for_many_as_for_one(store: Store) -> None:
    async with open_surface(store, plan=PlanType.BUSINESS) as surface:
        costs: list[int] = []
        for index in range(4):
            await surface.provision()
            await surface.api.post("/v1/phone-numbers/forwarding", json={"phone_number": f"+1555987660{index}"})
            with counted_statements(store) as said:
                await surface.api.get("/v1/phone-numbers")
                await surface.api.get("/v1/phone-numbers/forwarding-targets")
            costs.append(len(said))

    assert len(set(costs)) == 1
