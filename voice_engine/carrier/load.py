"""Load: many recorded calls at once, in real time, against a running server, as the carrier would bring them.

Each call posts the signed voice webhook, reads the TwiML, connects the stream that it names, plays its recording
and hangs up. One loop, one timer a frame; the report tells how late this program itself was.
"""

import asyncio
import gc
import itertools
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from voice_engine.carrier import twiml
from voice_engine.carrier.calls import ACCOUNT_SID
from voice_engine.carrier.loadcall import LoadCall
from voice_engine.carrier.loadsocket import Sender, open_sender
from voice_engine.carrier.loadstats import LoadReport, LoadStats
from voice_engine.carrier.messages import StreamIdentity
from voice_engine.carrier.procfs import cpu_seconds, resident_bytes
from voice_engine.carrier.takes import Take
from voice_engine.carrier.verbs import ConnectStream
from voice_engine.carrier.webhook import VOICE_PATH, incoming_call
from voice_engine.errors import ProtocolError, UpstreamFailed

MAX_STREAMS = 8
"""Streams that one call may open one after another (digits, dropped sockets); more is a loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan:
    """`calls` at once, `ramp` of them started a second. With `duration_s` every slot calls again until it is over;
    without, each slot makes one call. `server_pid` None: the server's CPU is not read.
    """

    calls: int
    ramp: float = 10.0
    duration_s: float | None = None
    caller: str = "+15550100199"
    callee: str = "+15550100100"
    server_pid: int | None = None


Post = Callable[[str, Mapping[str, str]], str]
"""`Webhooks.post`: (URL or path, form) → body; blocks. Raises UpstreamFailed."""

Connect = Callable[[str, Callable[[bytes], None], Callable[[], None]], Awaitable[Sender]]
"""Opens a stream's socket: (URL, on text, on close). Raises UpstreamFailed."""


async def run_load(
    takes: Sequence[Take], post: Post, plan: LoadPlan, *, connect: Connect = open_sender
) -> LoadReport:
    """Run the plan to its end. Errors of single calls are counted, not raised."""
    stats = LoadStats()
    sids = itertools.count(random.SystemRandom().getrandbits(64) << 32)
    gc.freeze()
    server_cpu_s = cpu_seconds(plan.server_pid) if plan.server_pid is not None else None
    own_cpu_s = time.process_time()
    async with asyncio.TaskGroup() as slots:
        for index in range(plan.calls):
            slot = _Slot(takes, post, plan, stats, connect=connect, sids=sids, index=index)
            slots.create_task(slot.run(), name=f"slot-{index}")
    own_cpu_s = time.process_time() - own_cpu_s
    gc.unfreeze()
    if server_cpu_s is not None and plan.server_pid is not None:
        after_s = cpu_seconds(plan.server_pid)
        server_cpu_s = None if after_s is None else after_s - server_cpu_s
    rss_bytes = resident_bytes(plan.server_pid) if plan.server_pid is not None else None
    return stats.report(server_cpu_s=server_cpu_s, own_cpu_s=own_cpu_s, server_rss_bytes=rss_bytes)


class _Slot:
    """One line of the run: calls, and when the run has a duration, calls again."""

    def __init__(
        self,
        takes: Sequence[Take],
        post: Post,
        plan: LoadPlan,
        stats: LoadStats,
        *,
        connect: Connect,
        sids: "itertools.count[int]",
        index: int,
    ) -> None:
        self._takes = takes
        self._post = post
        self._connect = connect
        self._plan = plan
        self._stats = stats
        self._sids = sids
        self._index = index

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        until_s = None if self._plan.duration_s is None else loop.time() + self._plan.duration_s
        await asyncio.sleep(self._index / self._plan.ramp)
        for round_number in itertools.count():
            if until_s is not None and loop.time() >= until_s:
                return
            take = self._takes[(self._index + round_number) % len(self._takes)]
            ok = await self._call(take, until_s)
            if until_s is None:
                return
            await asyncio.sleep(0.05 if ok else 1.0)

    async def _call(self, take: Take, until_s: float | None) -> bool:
        """One call from ring to hang-up; whether a stream was opened."""
        self._stats.started += 1
        call_sid = f"CA{next(self._sids) & (1 << 128) - 1:032x}"
        form = incoming_call(call_sid, ACCOUNT_SID, caller=self._plan.caller, callee=self._plan.callee)
        try:
            document = await asyncio.to_thread(self._post, VOICE_PATH, form)
            for _ in range(MAX_STREAMS):
                verb = _stream_of(document)
                if verb is None:
                    self._stats.refused += 1
                    return False
                call = await self._stream(verb, call_sid, take, until_s)
                if call.finished or verb.action is None:
                    break
                document = await asyncio.to_thread(self._post, verb.action, {**form, "CallStatus": "in-progress"})
                if _stream_of(document) is None:
                    break
        except (UpstreamFailed, ProtocolError) as error:
            self._stats.errors[error.message] += 1
            return False
        self._stats.completed += 1
        return True

    async def _stream(self, verb: ConnectStream, call_sid: str, take: Take, until_s: float | None) -> LoadCall:
        identity = StreamIdentity(
            account_sid=ACCOUNT_SID,
            call_sid=call_sid,
            stream_sid=f"MZ{next(self._sids) & (1 << 128) - 1:032x}",
            parameters=verb.parameters,
        )
        done = asyncio.Event()
        call = LoadCall(take, identity, self._stats, lambda _: done.set())
        socket = await self._connect(verb.url, call.on_text, call.on_close)
        call.start(socket)
        left_s = None if until_s is None else max(0.0, until_s - asyncio.get_running_loop().time())
        try:
            async with asyncio.timeout(left_s):
                await done.wait()
        except TimeoutError:
            call.finished = True
        call.hang_up()
        return call


def _stream_of(document: str) -> ConnectStream | None:
    """The document's stream; None when the engine refuses the call or hangs up."""
    return next((verb for verb in twiml.parse(document) if isinstance(verb, ConnectStream)), None)
