"""Reads a story's tax codes and sites from tables of a file, and gives the shop's settings as they hold over time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from rounds.core import reading
from rounds.core.account import Kind
from rounds.core.money import Refused
from rounds.core.reading import Table, located
from rounds.core.taxing import Tax, TaxCategory, Taxes
from rounds.core.terms import Shop, Shops

NONE = "none"  # at a site: this kind is not taxed there


@dataclass(frozen=True, slots=True)
class Code:
    """A tax code as a story tells it: its rates, each from a day on, and the kinds of line that have it."""

    tax: Tax
    rates: tuple[tuple[date, Fraction], ...]
    kinds: tuple[Kind, ...]

    def on(self, day: date) -> Tax:
        """The code as it holds on a day; before its first day, as on that."""
        held = [rate for since, rate in self.rates if since <= day]
        return replace(self.tax, rate=held[-1] if held else self.rates[0][1])


@dataclass(frozen=True, slots=True)
class Place:
    """A site as a story tells it: its name, the codes that kinds of line have there, whether bills go there."""

    name: str
    codes: Mapping[Kind, str]
    is_billing: bool


def read_codes(values: object, what: str) -> tuple[Code, ...]:
    """Read the tax codes. Refused: two of one name, or two for one kind of line."""
    codes = tuple(_code(value, number) for number, value in enumerate(_tables(values, what), start=1))
    names, kinds = [one.tax.code for one in codes], [kind for one in codes for kind in one.kinds]
    if twice := next((one for one in [*names, *kinds] if [*names, *kinds].count(one) > 1), None):
        raise Refused(f"{what}: “{twice}” stands twice")
    return codes


def read_sites(values: object, what: str) -> tuple[Place, ...]:
    """Read the client's sites. Refused: two of one name, or more than one to which bills go."""
    sites = tuple(_site(value, number) for number, value in enumerate(_tables(values, what), start=1))
    if len({one.name for one in sites}) < len(sites):
        raise Refused(f"{what}: two have one name")
    if sum(one.is_billing for one in sites) > 1:
        raise Refused(f"{what}: bills go to one of them")
    return sites


def read_exemptions(values: object, what: str) -> tuple[tuple[date, date | None], ...]:
    """Read when the client is exempt: from a day, through a day or until further notice."""
    return tuple(_exemption(value, f"exempt {number}") for number, value in enumerate(_tables(values, what), start=1))


def _exemption(value: object, where: str) -> tuple[date, date | None]:
    table = Table(value, where)
    span = table.need("from", reading.day), table.take("through", reading.day, default=None)
    table.finish()
    if span[1] is not None and span[1] < span[0]:
        raise Refused(f"{where}: it ends before it starts")
    return span


def shops_over_time(shop: Shop, codes: Iterable[Code], sites: Iterable[Place]) -> Shops:
    """Give the shop's settings from each day on which they change. Refused: a site's code that there is not."""
    codes, sites = tuple(codes), tuple(sites)
    if not codes and not sites:
        return ((date.min, shop),)
    days = sorted({date.min, *(since for code in codes for since, _rate in code.rates)})
    return tuple((day, replace(shop, taxes=_taxes(shop, codes, sites, day))) for day in days)


def _taxes(shop: Shop, codes: tuple[Code, ...], sites: tuple[Place, ...], day: date) -> Taxes:
    known = {code.tax.code: code.on(day) for code in codes}
    kinds = {**shop.taxes.kinds, **{str(kind): known[code.tax.code] for code in codes for kind in code.kinds}}
    elsewhere: dict[int | str, dict[str, Tax | None]] = {}
    for site in sites:
        for kind, code in site.codes.items():
            if code != NONE and code not in known:
                raise Refused(f"site “{site.name}”: there is no tax “{code}”")
            elsewhere.setdefault(site.name, {})[str(kind)] = known.get(code)
    return Taxes(kinds, elsewhere)


def _tables(values: object, what: str) -> list[object]:
    if not isinstance(values, list):
        raise Refused(f"{what}: write each under [[{what.rpartition(' ')[2]}]]")
    return values


def _code(values: object, number: int) -> Code:
    return located(f"tax {number}", lambda: _read_code(values, f"tax {number}"))


def _read_code(values: object, where: str) -> Code:
    table = Table(values, where)
    tax = Tax(
        table.need("code", reading.text),
        words=table.take("words", reading.text, default="Tax"),
        category=table.take("category", reading.word(TaxCategory), default=TaxCategory.STANDARD),
        reason=table.take("reason", reading.text, default=""),
    )
    if table.has("rate") == table.has("rates"):
        raise Refused(f"{where} needs its rate, or its rates from a day on")
    first = table.take("rate", lambda value, what: ((date.min, reading.share(value, what)),), default=())
    rates = first or table.take("rates", reading.each(_rate), default=())
    if not rates:
        raise Refused(f"{where} has no rate")
    kinds = table.take("kinds", reading.each(reading.word(Kind)), default=())
    table.finish()
    code = Code(tax, tuple(sorted(rates)), kinds)
    Taxes(dict.fromkeys(map(str, kinds), tax))  # refuses kinds that are never taxed
    for since, _share in code.rates:
        code.on(since)  # refuses a rate that the category cannot have
    return code


def _rate(value: object, what: str) -> tuple[date, Fraction]:
    table = Table(value, what)
    rate = table.need("from", reading.day), table.need("rate", reading.share)
    table.finish()
    return rate


def _site(values: object, number: int) -> Place:
    table = Table(values, f"site {number}")
    name = table.need("name", reading.text)
    codes = table.take("taxes", _site_codes, default={})
    is_billing = table.take("billing", reading.flag, default=False)
    table.finish()
    return Place(name, codes, is_billing)


def _site_codes(value: object, what: str) -> dict[Kind, str]:
    if not isinstance(value, Mapping):
        raise Refused(f"{what} is not a table of kinds of line")
    return {reading.word(Kind)(kind, what): reading.text(code, what) for kind, code in value.items()}
