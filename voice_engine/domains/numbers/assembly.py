"""The numbers domain put together, once a process: for the surfaces, for calls, and jobs for the worker."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from voice_engine.domains.accounts.service import OPERATOR_JOINED
from voice_engine.domains.numbers import words
from voice_engine.domains.numbers.first import FirstNumbers
from voice_engine.domains.numbers.gate import Gate
from voice_engine.domains.numbers.jobs import GreetOperator, ReleaseNumber, SettlePurchase
from voice_engine.domains.numbers.proofs import Proofs
from voice_engine.domains.numbers.purchases import Purchases
from voice_engine.domains.numbers.service import CountRules, NumberService, Unbind, no_rules
from voice_engine.domains.numbers.settings import NumberSettings
from voice_engine.domains.numbers.showing import Showing
from voice_engine.domains.numbers.stock import Stock
from voice_engine.domains.usage.service import UsageService
from voice_engine.ports.jobs import JobKind, RetryPolicy
from voice_engine.ports.telephony import NumberTelephony, VerificationTelephony
from voice_engine.store.engine import Store

PATIENT = RetryPolicy(attempts=200, first_s=5.0, factor=2.0, longest_s=3600.0)
"""About a week: a number that is not given back is paid for every month."""


class NumbersTelephony(NumberTelephony, VerificationTelephony, Protocol):
    """The parts of the carrier's account that numbers need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersDomain:
    """What surfaces, calls and the first start need of numbers."""

    store: Store
    service: NumberService
    stock: Stock
    purchases: Purchases
    proofs: Proofs
    showing: Showing
    first: FirstNumbers


def build_numbers(
    store: Store,
    telephony: NumbersTelephony,
    usage: UsageService,
    settings: NumberSettings,
    *,
    now: Callable[[], dt.datetime],
    unbind: Sequence[Unbind] = (),
    count_rules: CountRules = no_rules,
) -> NumbersDomain:
    """Put the domain together. `now` is the wall clock, in UTC."""
    gate = Gate(settings, usage)
    service = NumberService(settings, gate, now=now, unbind=unbind, count_rules=count_rules)
    stock = Stock(telephony, settings)
    purchases = Purchases(store, telephony, stock, usage, settings, now=now)
    return NumbersDomain(
        store=store,
        service=service,
        stock=stock,
        purchases=purchases,
        proofs=Proofs(store, telephony, service, gate, now=now),
        showing=Showing(store, telephony, service),
        first=FirstNumbers(store, telephony, purchases, settings, now=now),
    )


def build_number_jobs(domain: NumbersDomain, telephony: NumberTelephony) -> tuple[JobKind, ...]:
    """The jobs of numbers."""
    greet = GreetOperator(domain.store, domain.first, domain.service.settings.first_number)
    return (
        JobKind(name=OPERATOR_JOINED, handler=greet, retry=PATIENT, timeout_s=120.0),
        JobKind(name=words.SETTLE, handler=SettlePurchase(domain.purchases), retry=PATIENT, timeout_s=60.0),
        JobKind(name=words.RELEASE, handler=ReleaseNumber(telephony), retry=PATIENT, timeout_s=60.0),
    )
