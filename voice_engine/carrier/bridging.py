"""The verbs that connect a call to others: <Dial> to a number, and to a conference."""

import itertools

from voice_engine.carrier import sounds
from voice_engine.carrier.leg import Leg
from voice_engine.carrier.record import ring_outcome
from voice_engine.carrier.switch import Document, FarEnd, Performer
from voice_engine.carrier.verbs import DialConference, DialNumber
from voice_engine.ports.telephony import CallStatus, DialStatus


async def bridge(call: Performer, verb: DialNumber) -> Document | None:
    """Ring a number; when it answers, connect both until one of them hangs up."""
    call.record.dialled.append(verb.number)
    far = await call.switch.ring(call.record, verb)
    call.leg.catch_up()
    status, seconds = await _ring(call, far, verb), 0
    if status is CallStatus.IN_PROGRESS and far.line is not None:
        far.moved(CallStatus.IN_PROGRESS)
        status = CallStatus.COMPLETED
        try:
            seconds = await _talk(call, Leg(far.line, call.switch.clock, keep_audio=False), verb)
        finally:
            far.moved(status)
        await far.line.settle()
    else:
        far.moved(status)
    if call.interrupted:
        return None
    form = {"DialCallStatus": status.value, "DialCallSid": far.call_sid}
    if status is CallStatus.COMPLETED:
        form |= {"DialCallDuration": str(seconds), "DialBridged": "true"}
    return await call.follow(verb.action, form)


async def confer(call: Performer, verb: DialConference) -> Document | None:
    """Join a room until this leg leaves it or it is over."""
    room = call.switch.room(verb)
    if room.size >= verb.most:
        return await call.follow(verb.action, {"DialCallStatus": CallStatus.FAILED.value})
    member = room.enter(call.record.call_sid, starts=verb.starts, ends=verb.ends, muted=verb.muted, beep=verb.beep)
    until = call.leg.at_ms + verb.time_limit_s * 1000
    try:
        while not call.interrupted and member.present and call.leg.at_ms < until:
            member.says((await call.frame(room.hears(member))).mulaw)
    finally:
        room.leave(member)
    if call.interrupted:
        return None
    return await call.follow(verb.action, {"DialCallStatus": "answered", "ConferenceSid": room.sid})


async def _ring(call: Performer, far: FarEnd, verb: DialNumber) -> CallStatus:
    """Ring, with the ringing tone on this side. `CANCELED`: this side did not wait."""
    dialled, ring_ms = ring_outcome(far.answer, round(verb.timeout_s * 1000))
    far.moved(CallStatus.RINGING)
    until = call.leg.at_ms + ring_ms
    for tone in itertools.cycle(sounds.frames(sounds.ringback()) if ring_ms else ()):
        if call.interrupted or call.leg.at_ms >= until:
            break
        await call.frame(tone)
    if call.interrupted:
        return CallStatus.CANCELED
    if dialled is DialStatus.ANSWERED and far.line is None:
        return CallStatus.NO_ANSWER
    return CallStatus(dialled.value)


async def _talk(call: Performer, far: Leg, verb: DialNumber) -> int:
    """Each side hears the other one frame later. Returns whole seconds."""
    began = call.leg.at_ms
    from_far: bytes | None = None
    while not call.interrupted and not far.hung_up and call.leg.at_ms - began < verb.time_limit_s * 1000:
        frame = await call.frame(from_far)
        if verb.hangup_on_star and "*" in frame.digits:
            break
        from_far = far.step(frame.mulaw).mulaw
    return round((call.leg.at_ms - began) / 1000)
