"""How often somebody may try: moving windows counted in the database, so that a restart forgives nothing.

The `limits` library decides; this module is its storage. Buckets are keyed hashes: no address and no account stands
in the table in clear. One attempt is one short writing unit of its own: refused attempts are counted for good.
"""

import datetime as dt
import hashlib
import hmac
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from limits import RateLimitItemPerSecond
from limits.aio.storage import MovingWindowSupport, Storage
from limits.aio.strategies import MovingWindowRateLimiter

from voice_engine.domains.identity.models import RateHitRow
from voice_engine.errors import QuotaExceeded
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id
from voice_engine.store.secrets import SecretBox
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows


class SqlHits(Storage, MovingWindowSupport):
    """`limits`' storage over our table."""

    STORAGE_SCHEME: list[str] | None = None  # made by hand, never by URL

    def __init__(self, store: Store, pepper: bytes, *, now: Callable[[], dt.datetime]) -> None:
        super().__init__()
        self._store = store
        self._pepper = pepper
        self._now = now

    @property
    def base_exceptions(self) -> type[Exception]:
        """None to wrap: the store's errors are ours already."""
        return Exception

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count `amount` attempts unless that makes more than `limit` in `expiry` seconds."""
        if amount > limit:
            return False
        now, bucket = self._now(), self._bucket(key)
        window = dt.timedelta(seconds=expiry)
        async with self._store.system("attempts are counted before anybody is known") as work:
            await _one_at_a_time(work, bucket)
            await changed_rows(
                work, sa.delete(RateHitRow).where(RateHitRow.bucket == bucket, RateHitRow.expires_at <= now)
            )
            if await _count(work, bucket, after=now - window) + amount > limit:
                return False
            work.session.add_all(
                RateHitRow(id=new_id(), bucket=bucket, at=now, expires_at=now + window) for _ in range(amount)
            )
        return True

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest attempt that counts was made (seconds since 1970), and how many count."""
        now, bucket = self._now(), self._bucket(key)
        after = now - dt.timedelta(seconds=expiry)
        async with self._store.system("attempts are counted before anybody is known", writes=False) as work:
            oldest: dt.datetime | None = await work.session.scalar(
                sa.select(sa.func.min(RateHitRow.at, type_=RateHitRow.at.type)).where(
                    RateHitRow.bucket == bucket, RateHitRow.at > after
                )
            )
            count = await _count(work, bucket, after=after)
        return (oldest or now).timestamp(), count

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count whatever the limit; how many count now."""
        await self.acquire_entry(key, 2**31, expiry, amount)
        return await self.get(key)

    async def get(self, key: str) -> int:
        """How many attempts of this key are kept."""
        async with self._store.system("attempts are counted before anybody is known", writes=False) as work:
            return await _count(work, self._bucket(key), after=dt.datetime(1970, 1, 1, tzinfo=dt.UTC))

    async def get_expiry(self, key: str) -> float:
        """When the last attempt of this key is forgotten, seconds since 1970."""
        async with self._store.system("attempts are counted before anybody is known", writes=False) as work:
            last: dt.datetime | None = await work.session.scalar(
                sa.select(sa.func.max(RateHitRow.expires_at, type_=RateHitRow.expires_at.type)).where(
                    RateHitRow.bucket == self._bucket(key)
                )
            )
        return (last or self._now()).timestamp()

    async def check(self) -> bool:
        """Whether the database answers."""
        await self._store.ping()
        return True

    async def reset(self) -> int | None:
        """Forget every attempt; how many."""
        async with self._store.system("attempts are counted before anybody is known") as work:
            return await changed_rows(work, sa.delete(RateHitRow))

    async def clear(self, key: str) -> None:
        """Forget the attempts of this key."""
        async with self._store.system("attempts are counted before anybody is known") as work:
            await changed_rows(work, sa.delete(RateHitRow).where(RateHitRow.bucket == self._bucket(key)))

    def _bucket(self, key: str) -> str:
        return hmac.new(self._pepper, key.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """At most `most` attempts in any `seconds`. `name` keeps rules apart."""

    name: str
    most: int
    seconds: int


class Attempts:
    """Counts attempts against rules."""

    def __init__(self, store: Store, box: SecretBox, *, now: Callable[[], dt.datetime]) -> None:
        self._hits = SqlHits(store, box.derive("rate limit buckets"), now=now)
        self._window = MovingWindowRateLimiter(self._hits)
        self._now = now

    async def count(self, rule: Rule, *who: str) -> None:
        """Count one attempt by `who`. Raises QuotaExceeded `rate_limited` when it is one too many."""
        item = _item(rule)
        if await self._window.hit(item, rule.name, *who):
            return
        since_s, _ = await self._hits.get_moving_window(
            item.key_for(rule.name, *who), item.amount, item.get_expiry()
        )
        wait_s = max(1, round(since_s + rule.seconds - self._now().timestamp() + 0.5))
        raise QuotaExceeded(
            "rate_limited",
            f"too many attempts; try again in {wait_s} s",
            details={"retry_after_seconds": wait_s},
        )

    async def forgive(self, rule: Rule, *who: str) -> None:
        """Forget the attempts of `who`: the last one succeeded."""
        await self._window.clear(_item(rule), rule.name, *who)


def network_of(address: str) -> str:
    """What one subscriber is taken to be: an IPv4 address, or an IPv6 network of 64 bits (RFC 6177)."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _item(rule: Rule) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(rule.most, rule.seconds)


async def _count(work: UnitOfWork, bucket: str, *, after: dt.datetime) -> int:
    found = await work.session.scalar(
        sa.select(sa.func.count()).select_from(RateHitRow).where(RateHitRow.bucket == bucket, RateHitRow.at > after)
    )
    return int(found or 0)


async def _one_at_a_time(work: UnitOfWork, bucket: str) -> None:
    """Two counters of one bucket take turns. SQLite's writers do so by themselves."""
    if work.session.get_bind().dialect.name == "postgresql":
        await work.session.execute(sa.select(sa.func.pg_advisory_xact_lock(int(bucket[:15], 16))))
