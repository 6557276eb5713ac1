"""How dates, durations, amounts and phone numbers are written: for the viewer, on their organization's clock."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_date, format_datetime, format_time, format_timedelta, get_day_names
from babel.numbers import format_currency, format_decimal, format_percent

from voice_engine.web.dashboard.words import Language


class Formats:
    """Filters of the templates, for one language and one zone (IANA)."""

    def __init__(self, language: Language, timezone: str) -> None:
        self._language = language
        self._zone = ZoneInfo(timezone)

    def local(self, moment: dt.datetime) -> dt.datetime:
        """An aware moment on the organization's clock."""
        return moment.astimezone(self._zone)

    def moment(self, moment: dt.datetime) -> str:
        """Date and time, short: `Nov 23, 2026, 2:05 PM`."""
        return format_datetime(self.local(moment), "medium", locale=self._language).replace(
            format_time(self.local(moment), "medium", locale=self._language),
            format_time(self.local(moment), "short", locale=self._language),
        )

    def day(self, moment: dt.datetime | dt.date) -> str:
        """A date: `Nov 23, 2026`."""
        date = self.local(moment).date() if isinstance(moment, dt.datetime) else moment
        return format_date(date, "medium", locale=self._language)

    def clock(self, moment: dt.datetime | dt.time) -> str:
        """A time of day: `2:05 PM`."""
        local = self.local(moment) if isinstance(moment, dt.datetime) else moment
        return format_time(local, "short", locale=self._language)

    def weekday(self, number: int) -> str:
        """A day of the week, Monday 0: `Mon`."""
        return str(get_day_names("abbreviated", locale=self._language)[number])

    def hour(self, number: int) -> str:
        """An hour of the day: `2:00 PM`."""
        return self.clock(dt.time(number))

    def ago(self, moment: dt.datetime, now: dt.datetime) -> str:
        """How long ago, in words."""
        return format_timedelta(moment - now, add_direction=True, locale=self._language)

    def length(self, seconds: float | None) -> str:
        """A duration as a clock shows it: `4:07`, `1:02:33`; a dash for none."""
        if seconds is None:
            return "–"
        whole = round(seconds)
        hours, rest = divmod(whole, 3600)
        return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"

    def number(self, value: Decimal | float) -> str:
        """A number with the language's separators."""
        return format_decimal(value, locale=self._language)

    def phone(self, e164: str) -> str:
        """A telephone number as people read it: `+1 415-555-0100`. What is none is left as it is."""
        try:
            parsed = phonenumbers.parse(e164)
        except phonenumbers.NumberParseException:
            return e164
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

    def zone(self, name: str) -> str:
        """A time zone as people name it, by its city: `New York`."""
        return name.rpartition("/")[2].replace("_", " ")

    def money(self, cents: int, currency: str = "USD") -> str:
        """An amount of money."""
        return format_currency(Decimal(cents) / 100, currency, locale=self._language)

    def percent(self, share: float) -> str:
        """A share from 0 to 1."""
        return format_percent(share, locale=self._language)
