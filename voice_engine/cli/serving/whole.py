"""The whole service in one process and its children: API and media on one port, a worker, the built-in carrier."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack, aclosing
from functools import partial

import structlog

from voice_engine.bootstrap import Providers, call_services, calls_dir
from voice_engine.bootstrap.application import build_root
from voice_engine.bootstrap.business import who_may_tell
from voice_engine.bootstrap.customers import open_furnishing
from voice_engine.bootstrap.service import Service, open_service, place_of, utc_now
from voice_engine.bootstrap.settings_pages import settings_desk
from voice_engine.cli.serving.children import children_of
from voice_engine.cli.serving.place import Listening
from voice_engine.cli.serving.welcome import welcome
from voice_engine.config import Settings
from voice_engine.domains.answering.dashboard import DashboardCalls
from voice_engine.domains.bookings.calls import open_books
from voice_engine.domains.calls import words
from voice_engine.domains.knowledge.calls import open_searches
from voice_engine.domains.models import METADATA
from voice_engine.jobs.supervisor import Supervisor
from voice_engine.ports.call import CallSpec
from voice_engine.ports.telephony import CallControl
from voice_engine.runtime.journal import FileJournal
from voice_engine.runtime.services import CallServices
from voice_engine.store import migrate
from voice_engine.web.app import Surface
from voice_engine.web.control import follow_orders
from voice_engine.web.desk import ServiceDesk
from voice_engine.web.heart import MediaHeart
from voice_engine.web.keeping import Work, keep_running
from voice_engine.web.line import LineEngine, open_line
from voice_engine.web.owners import name_of
from voice_engine.web.passing import Passing
from voice_engine.web.reception import ReceptionDesk
from voice_engine.web.sampling import sample_depths
from voice_engine.web.server import serve
from voice_engine.web.takeover import CarrierDialer
from voice_engine.web.talks import Talks, find_visitor
from voice_engine.web.watching import watch_loop

_log = structlog.get_logger(__name__)


def prepare(settings: Settings) -> None:
    """Bring the database up to date before anything serves. Raises InvalidInput, UpstreamFailed."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = migrate.upgrade(settings.store_url, METADATA)
    if not before.up_to_date:
        _log.info("database.upgraded", before=before.current, now=before.head)


async def serve_whole(settings: Settings, providers: Providers, listening: Listening, *, as_json: bool) -> None:
    """Serve until a signal, and drain."""
    place = place_of(settings, listening.account, listening.web.public_url)
    _log.info("webhooks.vapi", taken_from=who_may_tell(settings, place.public_url))
    async with open_service(settings, place, providers=providers) as service, AsyncExitStack() as stack:
        journal = FileJournal(settings.data_dir / "journal")

        searches = await stack.enter_async_context(open_searches(service.store))
        books = await stack.enter_async_context(open_books(service.store, now=utc_now))
        furnishing = await stack.enter_async_context(
            aclosing(open_furnishing(settings, service.customers, providers))
        )

        furnish = partial(
            call_services, settings, providers, journal=journal, kept_knowledge=searches.of, kept_bookings=books.of
        )

        def equip(spec: CallSpec, control: CallControl) -> CallServices:
            return furnish(spec, control, furniture=furnishing.of(spec))

        inbound = service.inbound
        browsers = DashboardCalls(service.store, service.calls.checks, service.calls.minutes, now=utc_now)
        reception = ReceptionDesk(inbound.reception, inbound.intake, browsers=browsers, now=utc_now)
        owner = name_of(settings.media.worker)
        passing = Passing(service.bus)
        desk = ServiceDesk(service.calls.lifecycle, reception, owner=owner, now=utc_now, passing=passing)
        engine = await stack.enter_async_context(
            open_line(
                desk=desk,
                equip=equip,
                directory=calls_dir(settings),
                room=providers.expect_call,
                ahead=furnishing.prepare,
                furnish=furnishing.furnish,
                metrics=service.metrics,
                tracing=service.tracing,
                dialer=CarrierDialer(service.telephony, public_url=service.place.public_url),
                transfers_ask=settings.media.transfer_key,
            )
        )
        surface = _surface(service, engine, listening, providers)
        heart = MediaHeart(
            partial(service.calls.media.say, owner, settings.media.worker),
            lambda: surface.room.capacity,
            surface.drain,
        )
        beside = {**_beside(service, engine, desk), "heart": heart.run}
        children = children_of(settings, listening, as_json=as_json)
        await _run(service, engine, surface, listening=listening, children=children, beside=beside)


def _surface(service: Service, engine: LineEngine, listening: Listening, providers: Providers) -> Surface:
    return Surface(
        engine,
        listening.web,
        find_visitor=partial(find_visitor, service.identity),
        ping=service.store.ping,
        spare=providers.spare_calls,
    )


def _beside(service: Service, engine: LineEngine, desk: ServiceDesk) -> Mapping[str, Work]:
    """What runs as long as the server does, by name."""
    return {
        "desk": desk.run,
        "orders": partial(follow_orders, engine, desk, service.bus, topic=words.ORDERS_TOPIC),
        "loop lag": partial(watch_loop, service.metrics),
        "depths": partial(sample_depths, service.store, service.metrics, now=utc_now),
        "welcome": partial(welcome, service),
    }


def talks_of(service: Service, surface: Surface, engine: LineEngine) -> Talks:
    """Calls out of browsers, held by this process."""
    return Talks(
        service.store,
        surface.browsers,
        engine,
        reception=service.inbound.browsers,
        respondents=service.calls.respondents,
    )


async def _run(
    service: Service,
    engine: LineEngine,
    surface: Surface,
    *,
    listening: Listening,
    children: list[Supervisor],
    beside: Mapping[str, Work],
) -> None:
    async with asyncio.TaskGroup() as tasks:
        for child in children:
            tasks.create_task(child.run(), name="child")
        kept = [tasks.create_task(keep_running(name, work), name=name) for name, work in beside.items()]
        await serve(
            surface,
            listening.listener,
            app=build_root(
                service,
                surface.app,
                extras={
                    "talk": talks_of(service, surface, engine),
                    "settings": settings_desk(service, listening.web),
                },
            ),
            on_started=lambda: _log.info("serve.started", url=listening.url, stream=listening.web.stream_url),
            on_stopping=service.leave_followers,
            lean_listener=listening.lean,
        )
        for task in kept:
            task.cancel()
        for child in children:
            child.stop()
