"""A table: date, time, party and name; seating, deposit, allergy and wait-list come up on the way."""

from voice_engine.core.dialogue.policies.booking import BookingPolicy


class RestaurantPolicy(BookingPolicy):
    """Reserves a table."""
