"""The plans as the payment provider sells them."""

from tests.rest.v1.credits.surface import open_surface
from voice_engine.store.engine import Store

PATH = "/v1/stripe/plans"


async def test_plans_need_no_token_and_agree_with_the_credit_plans(store: Store) -> None:
    async with open_surface(store) as surface:
        sold = (await surface.guest.get(PATH)).json()
        listed = (await surface.guest.get("/v1/credits/plans")).json()["plans"]

    shared = ("name", "credits_allocated", "price_monthly", "overage_rate", "overage_enabled")
    for plan in sold["plans"]:
        assert {key: plan[key] for key in shared} == {key: listed[plan["plan_type"]][key] for key in shared}
    assert [plan["id"] for plan in sold["plans"]] == [
        "price_starter_monthly",
        "price_pro_monthly",
        "price_power_monthly",
        "price_business_monthly",
    ]


async def test_business_is_charged_249_and_listed_at_299(store: Store) -> None:
    async with open_surface(store) as surface:
        business = (await surface.guest.get(PATH)).json()["plans"][-1]

    assert (business["price_monthly"], business["list_price_monthly"], business["annual_price_monthly"]) == (
        249,
        299,
        239,
    )


async def test_the_trial_costs_a_dollar_for_a_week(store: Store) -> None:
    async with open_surface(store) as surface:
        trial = (await surface.guest.get(PATH)).json()["trial"]

    assert trial == {"price": 1, "currency": "usd", "money_back_guarantee": True, "credits": 30, "days": 7}


async def test_an_address_is_limited(store: Store) -> None:
    async with open_surface(store, per_minute=1) as surface:
        answers = [await surface.guest.get(PATH) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]
