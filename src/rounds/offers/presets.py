"""The terms that an offer compares: suggested from the shop's prices and the client's own year, or as filled in."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from fractions import Fraction

from rounds.clients.reading import parse_hours, parse_monitoring, parse_share
from rounds.core.money import SECONDS_PER_HOUR, Refused, parse_amount, show_amount, show_hours
from rounds.core.terms import Agreement, Plan, Shop

HALF_HOUR = SECONDS_PER_HOUR // 2
SMALLEST_BLOCK = 5  # hours


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """The terms of all plans of one offer, as a person writes them: "6", "10%", "1200.00", "2 hours"."""

    agreement_hours: str
    agreement_discount: str
    retainer_level: str
    retainer_discount: str
    block_hours: int
    block_monitoring: str
    call_first_monitoring: str

    def as_row(self) -> dict[str, object]:
        """As kept with an offer."""
        return asdict(self)

    @classmethod
    def of_row(cls, kept: Mapping[str, object]) -> "OfferTerms":
        """As kept with an offer, read back."""
        return cls(**{name: kept[name] for name in cls.__slots__})  # type: ignore[arg-type]

    def agreements(self, first: date, last: date) -> dict[Plan, Agreement]:
        """One agreement a plan, in force from first to last. Refused: terms that the rules refuse."""
        level = parse_amount(self.retainer_level, "the retainer's level")
        if level <= 0:
            raise Refused("the retainer's level is an amount above 0.00")
        if self.block_hours < 1:
            raise Refused("a block has at least one hour")
        included = parse_hours(self.agreement_hours, "included hours")
        discount = parse_share(self.agreement_discount, "discount")
        return {
            Plan.SERVICE_AGREEMENT: Agreement(
                1, Plan.SERVICE_AGREEMENT, first, last, included_seconds=included, discount=discount,
                monitoring=parse_monitoring("included"),
            ),
            Plan.RETAINER: Agreement(
                2, Plan.RETAINER, first, last, discount=parse_share(self.retainer_discount, "discount"),
                low_at_amount=level // 2, top_up_to=level, monitoring=parse_monitoring("included"),
            ),
            Plan.BLOCK: Agreement(3, Plan.BLOCK, first, last, monitoring=parse_monitoring(self.block_monitoring)),
            Plan.CALL_FIRST: Agreement(
                4, Plan.CALL_FIRST, first, last, monitoring=parse_monitoring(self.call_first_monitoring)
            ),
            Plan.REACTIVE: Agreement(5, Plan.REACTIVE, first, last),
        }  # fmt: skip


def suggest(shop: Shop, covered_seconds_a_month: int, *, months: int) -> OfferTerms:
    """Suggest terms: the hours of an average month included, a block for about a quarter, a retainer of two months."""
    average = Fraction(covered_seconds_a_month, max(1, months))
    halves = max(2, round(average / HALF_HOUR))
    included = halves * HALF_HOUR
    return OfferTerms(
        agreement_hours=show_hours(included),
        agreement_discount="10%",
        retainer_level=show_amount(_round_up(2 * included * shop.hourly_rate // SECONDS_PER_HOUR, 100_00)),
        retainer_discount="5%",
        block_hours=_block_size(shop, 3 * included // SECONDS_PER_HOUR),
        block_monitoring="2 hours",
        call_first_monitoring=show_amount(shop.monitoring_fee),
    )


def _block_size(shop: Shop, wanted: int) -> int:
    """The largest size with free hours that a quarter uses up, or a round number of hours near it."""
    sizes = [int(size) for size, _free in shop.bonus_hours if size <= wanted and size == int(size)]
    return max(sizes) if sizes else max(SMALLEST_BLOCK, _round_up(wanted, 5))


def _round_up(number: int, step: int) -> int:
    return -(-number // step) * step
