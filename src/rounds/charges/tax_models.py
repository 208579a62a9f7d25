"""The taxes of a closing, with everything that an invoice says of each as it was on its day."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models

from rounds.clients.reading import parse_share, show_share
from rounds.core.taxing import Tax, TaxCategory, TaxRow
from rounds.rows.inserting import insert

if TYPE_CHECKING:
    from rounds.charges.models import Closing


class ClosingTax(models.Model):
    """One tax of a closing: a copy of the code as it was, what was taxed by it, and the tax, in cents."""

    closing = models.ForeignKey("charges.Closing", on_delete=models.PROTECT, related_name="taxes")
    position = models.PositiveIntegerField()
    code = models.CharField(max_length=20)
    words = models.CharField(max_length=60)
    category = models.CharField(max_length=2)
    reason = models.CharField(max_length=120, blank=True)
    rate = models.CharField(max_length=12)  # as the shop writes it: "8.25%"
    base = models.BigIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        ordering = ("closing", "position")
        constraints = (models.UniqueConstraint(fields=("closing", "position"), name="each_closing_tax_once"),)

    def __str__(self) -> str:
        return f"{self.words}, {self.rate}"

    @property
    def value(self) -> Tax:
        """The tax as the rules see it."""
        return Tax(self.code, parse_share(self.rate), self.words, TaxCategory(self.category), self.reason)

    @property
    def row(self) -> TaxRow:
        """The row as the rules made it."""
        return TaxRow(self.value, self.base, self.amount)

    @property
    def is_told(self) -> bool:
        """Has it to be said on an invoice? What a shop taxes at 0 % has not."""
        return bool(self.amount) or self.category != TaxCategory.STANDARD


def keep_taxes(closing: "Closing", rows: Iterable[TaxRow]) -> dict[Tax, ClosingTax]:
    """Keep the taxes of a closing, by what they are."""
    kept = insert(
        ClosingTax(
            closing_id=closing.pk, position=place, code=row.tax.code, words=row.tax.words, category=row.tax.category,
            reason=row.tax.reason, rate=show_share(row.tax.rate), base=row.base, amount=row.amount,
        )
        for place, row in enumerate(rows, start=1)
    )  # fmt: skip
    return {row.tax: one for row, one in zip(rows, kept, strict=True)}
