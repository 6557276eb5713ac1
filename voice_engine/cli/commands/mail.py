"""`voice-engine mail`: the outgoing letters, straight from the database, for whoever has the machine."""

from dataclasses import dataclass
from typing import Any

from voice_engine.cli.console import EXIT_OK, emit_json, out
from voice_engine.cli.installation import Installation, at_installation
from voice_engine.domains.mail.service import KeptMail, Outgoing
from voice_engine.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class MailOptions:
    """What the commands take."""

    to: str = ""
    most: int = 20
    mail_id: str = ""
    as_json: bool = False


def newest(options: MailOptions) -> int:
    """Print the newest letter. Raises NotFound `mail_not_found`."""
    found = _read(options, most=1)
    if not found:
        raise NotFound("mail_not_found", "no letter was written yet")
    return _print(found[0], options)


def show(options: MailOptions) -> int:
    """Print one letter. Raises NotFound `mail_not_found`."""

    async def work(here: Installation) -> KeptMail:
        async with here.store.system("the operator's command", writes=False) as unit:
            return await _outgoing(here).find(unit, options.mail_id)

    return _print(at_installation(work), options)


def list_mail(options: MailOptions) -> int:
    """List letters, the newest first."""
    found = _read(options, most=options.most)
    if options.as_json:
        emit_json({"mails": [_facts(mail) for mail in found]})
    elif not found:
        out().print("No letter was written yet.")
    for mail in found if not options.as_json else ():
        written = mail.created_at.strftime("%Y-%m-%d %H:%M")
        line = "  ".join([mail.id, written, f"{mail.state:6}", mail.to, mail.subject, mail.fault or ""])
        out().print(line.rstrip(), markup=False, soft_wrap=True)
    return EXIT_OK


def _read(options: MailOptions, *, most: int) -> list[KeptMail]:
    async def work(here: Installation) -> list[KeptMail]:
        async with here.store.system("the operator's command", writes=False) as unit:
            return await _outgoing(here).newest(unit, most=most, to=options.to.strip().lower() or None)

    return at_installation(work)


def _outgoing(here: Installation) -> Outgoing:
    return Outgoing(here.identity.box, now=here.now)


def _print(mail: KeptMail, options: MailOptions) -> int:
    if options.as_json:
        emit_json({**_facts(mail), "text": mail.text})
    else:
        head = (
            f"To: {mail.to}\nSubject: {mail.subject}\nDate: {mail.created_at:%Y-%m-%d %H:%M} UTC ({mail.state})\n"
        )
        out().print(f"{head}\n{mail.text}", markup=False, soft_wrap=True, end="")
    return EXIT_OK


def _facts(mail: KeptMail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "kind": mail.kind,
        "to": mail.to,
        "subject": mail.subject,
        "state": mail.state,
        "created_at": mail.created_at.isoformat(),
        "sent_at": mail.sent_at.isoformat() if mail.sent_at else None,
        "fault": mail.fault,
    }
