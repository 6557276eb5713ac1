"""What a period's ledger lines come to. Pure: amounts in, amounts out, exact decimals.

```
allocated = plan grant + bonus carried in + bonus granted
used      = captures and debit adjustments - refunds
free      = allocated + overage allowed - used - held      what a new hold may take
carried   = what is left of the bonus, which is used last   plan credits lapse with their period
```
"""

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

ZERO = Decimal("0.00")
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums of one period's lines, each ≥ 0. `held`: holds that are neither captured nor released."""

    plan: Decimal = ZERO
    bonus: Decimal = ZERO
    used: Decimal = ZERO
    held: Decimal = ZERO

    def plus(
        self, *, plan: Decimal = ZERO, bonus: Decimal = ZERO, used: Decimal = ZERO, held: Decimal = ZERO
    ) -> "Totals":
        """The sums with a line's effect added."""
        return Totals(plan=self.plan + plan, bonus=self.bonus + bonus, used=self.used + used, held=self.held + held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How far an account may go beyond its allotment.

    Attributes:
        overage_rate: US dollars a credit.
        spending_limit_cents: what overage may cost in one period; 0 where overage is off.
    """

    overage_enabled: bool
    overage_rate: Decimal
    spending_limit_cents: int

    @property
    def overage_allowed(self) -> Decimal:
        """Credits beyond the allotment, rounded down to hundredths."""
        if not self.overage_enabled or self.overage_rate <= 0:
            return ZERO
        dollars = Decimal(self.spending_limit_cents) / 100
        return (dollars / self.overage_rate).quantize(CENT, rounding=ROUND_DOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One period's state. `bonus_in` is what the periods before left of their bonus credits."""

    bonus_in: Decimal
    totals: Totals
    terms: Terms

    @property
    def allocated(self) -> Decimal:
        """Plan credits and bonuses."""
        return self.totals.plan + self.bonus_in + self.totals.bonus

    @property
    def used(self) -> Decimal:
        """Spent in the period."""
        return self.totals.used

    @property
    def held(self) -> Decimal:
        """Kept for work that runs."""
        return self.totals.held

    @property
    def remaining(self) -> Decimal:
        """Left of the allotment; holds are shown apart."""
        return max(ZERO, self.allocated - self.used)

    @property
    def free(self) -> Decimal:
        """What new work may hold, overage included."""
        return max(ZERO, self.allocated + self.terms.overage_allowed - self.used - self.held)

    @property
    def overage(self) -> Decimal:
        """Spent beyond the allotment."""
        return max(ZERO, self.used - self.allocated)

    @property
    def overage_dollars(self) -> Decimal:
        """What that costs."""
        return (self.overage * self.terms.overage_rate).quantize(CENT, rounding=ROUND_HALF_UP)

    @property
    def carried_out(self) -> Decimal:
        """Bonus credits that the next period begins with."""
        unspent = max(ZERO, self.allocated - self.used - self.held)
        return min(self.bonus_in + self.totals.bonus, unspent)
