"""Plays a client's account onwards: rates what was recorded and opens the days that came, each step kept by itself.

billing-rules.md, "The first of the month": on every day hours lapse first, then hours bought and deposits count (the
verbs of `buying`), then the invoice is made, then everything else happens in the order recorded. So a late run gives
what a punctual one gives; what was recorded before the day already reached counts on that day.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction

from rounds.charges.accounts import DAY, Moved, Position, load_positions
from rounds.charges.buying import buy_next
from rounds.charges.facts import Fact, Rank, gather_facts, gather_voids
from rounds.charges.keeping import Cause, Found, keep, keep_facts, keep_void
from rounds.charges.models import Closing, Standing
from rounds.charges.visits import load_visits, taken_by
from rounds.clients.models import Client
from rounds.core import account as values
from rounds.core import next_block, opening, voiding
from rounds.core.account import Outcome
from rounds.core.next_block import Bought
from rounds.core.terms import Shops
from rounds.people.shop import shop_zone
from rounds.rows.updating import update_row
from rounds.work.models import Part, Void

MOST_AT_ONCE = 500  # facts in one transaction: enough to be quick, few enough to let others write


@dataclass(frozen=True, slots=True)
class Called:
    """Whom playing calls: `loaded` after accounts were read, before anything is played from what was read, and
    `before_first` before the closing of a first of the month is made, to charge what is known only to stages to the
    right. What others had closed by then has to be issued in `loaded`: what is known to the right counts on it.
    `closed` is called with each closing and its value at the end of the transaction that keeps it, to issue it in that.

    `due_since` tells since when a client has an invoice that is due and not paid, where that keeps a block from being
    bought by itself.
    """

    loaded: Callable[[Sequence[Client]], None] | None = None
    before_first: Callable[[Position, date], None] | None = None
    closed: Callable[[Closing, values.Closing], None] | None = None
    due_since: Callable[[Client], date | None] | None = None


NOBODY = Called()


def play(client: Client, until: datetime, shops: Shops | None = None) -> Iterator[Closing]:
    """Play a client's account to a moment, and give each closing as soon as it is kept.

    What an invoice of a closing changes on the account is read again.
    """
    yield from play_all([client], until, shops)[0]


def play_all(
    clients: Sequence[Client], until: datetime, shops: Shops | None = None, called: Called = NOBODY
) -> list[Iterator[Closing]]:
    """Play some clients' accounts to a moment, from what was read of all of them at once."""
    reach = _Reach(until.astimezone(shop_zone()).date(), until, called=called)
    return [_play(waiting, reach, shops) for waiting in _load(clients, reach, shops)]


def play_before_closing(client: Client, day: date, at: datetime, called: Called = NOBODY) -> Iterator[Closing]:
    """Play a client's account to the point of a day at which hours bought and deposits count: after what lapses."""
    start = datetime.combine(day, time(), tzinfo=shop_zone()) - timedelta(microseconds=1)
    reach = _Reach(day, min(start, at), is_before_closing=True, called=called)
    yield from _play(_load([client], reach, None)[0], reach, None)


def bring(client: Client, until: datetime) -> list[Closing]:
    """Play a client's account to a moment; returns the closings that it made."""
    return list(play(client, until))


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far to play: a day, the moment by which facts were recorded, and whether the day's closing is included."""

    day: date
    until: datetime
    is_before_closing: bool = False
    called: Called = NOBODY

    @property
    def last_closing(self) -> date:
        """The last day whose closing is made."""
        return self.day - DAY if self.is_before_closing else self.day


@dataclass(slots=True)
class Waiting:
    """An account as loaded, and what is still to be played on it."""

    position: Position
    facts: list[Fact]
    voids: list[Void]


def load(clients: Sequence[Client], until: datetime, shops: Shops | None = None) -> list[Waiting]:
    """Load some clients' accounts and what was recorded by a moment, in their order."""
    positions = load_positions(clients, shops)
    facts, voids = gather_facts(clients, until), gather_voids(clients, until)
    load_visits(positions, facts)
    return [
        Waiting(position, facts.get(position.client.pk, []), voids.get(position.client.pk, []))
        for position in positions
    ]


def _play(waiting: Waiting, reach: _Reach, shops: Shops | None) -> Iterator[Closing]:
    """Play, from what is kept again whenever somebody else has moved the account."""
    while True:
        try:
            yield from _Playing(waiting, reach).play()
        except Moved:
            waiting = _load([waiting.position.client], reach, shops)[0]
            continue
        return


def _load(clients: Sequence[Client], reach: _Reach, shops: Shops | None) -> list[Waiting]:
    """Load accounts, and say so: what was closed before is known then, what is closed later makes them Moved."""
    waiting = load(clients, reach.until, shops)
    if reach.called.loaded is not None:
        reach.called.loaded(clients)
    return waiting


class _Playing:
    """One playing of an account: its position, the facts still to be rated, and the stints rated so far."""

    def __init__(self, waiting: Waiting, reach: _Reach) -> None:
        self.client, self.reach = waiting.position.client, reach
        self.position, self.facts, self.voids = waiting.position, waiting.facts, waiting.voids
        self.rated: set[int] = set()
        self.found: list[Found] = []
        self.closed: list[tuple[Closing, values.Closing]] = []

    def play(self) -> Iterator[Closing]:
        """Play every day that opens with anything, and the facts between them."""
        if not self._begin():
            return
        while True:
            day = self._next_day()
            if (recorded := self._day_that_may_buy(day or date.max)) is not None:
                yield from self._rate_before(recorded + DAY)
                continue
            if day is None:
                break
            yield from self._rate_before(day)
            if self.position.next_lapsing() == day:
                self._lapse(day)
            if self._next_closing() == day:
                yield from self._close(day)
        yield from self._rate_before(date.max)
        self._keep_found()
        self._mark()

    def _begin(self) -> bool:
        """Find the day on which the account began: the first agreement, the first fact, or a first purchase."""
        days = [day for day in self.position.known.values() if day <= self.reach.day]
        days += [self.position.counts_on(fact.moment) for fact in self.facts[:1]]
        days += [self.reach.day] if self.reach.is_before_closing else []
        if days:
            self.position.begin(min(days))
        return self.position.opened_through is not None

    def _next_closing(self) -> date | None:
        day = self.position.next_closing(self.reach.day)
        return day if day is not None and day <= self.reach.last_closing else None

    def _next_day(self) -> date | None:
        """The next day that opens with anything, as far as is to be played."""
        lapsing, closing = self.position.next_lapsing(), self._next_closing()
        days = [lapsing] if lapsing is not None and lapsing <= self.reach.day else []
        return min([*days, closing] if closing else days, default=None)

    def _day_that_may_buy(self, before: date) -> date | None:
        """The next day on which anything was recorded, where a block may be bought on it that lapses before a day."""
        if not next_block.can_buy(self.position.account):
            return None
        moments = [*(fact.moment for fact in self.facts[:1]), *(void.at for void in self.voids[:1])]
        day = min((self.position.counts_on(moment) for moment in moments), default=before)
        return day if day < before else None

    def _rate_before(self, day: date) -> Iterator[Closing]:
        """Rate the facts that count before a day, and take back what was voided, in the order recorded."""
        while self.voids and self.position.counts_on(self.voids[0].at) < day:
            void, *self.voids = self.voids
            yield from self._rate_first(sum(fact.moment <= void.at for fact in self.facts))
            self._take_back(void)
        yield from self._rate_first(sum(self.position.counts_on(fact.moment) < day for fact in self.facts))

    def _rate_first(self, count: int) -> Iterator[Closing]:
        """Rate so many facts in their order; what is found is kept with the closing that bills it, or when it is much.

        A fact before which a block is bought is kept with it, after those before it.
        """
        due, self.facts = self.facts[:count], self.facts[count:]
        for fact in due:
            if fact.rank is Rank.APPROVAL and fact.row.pk in self.rated:
                continue  # it needed no approval under the terms of its day
            if (found := self._next_block(fact)) is not None:
                self._keep_found()
                with self._step():
                    closing = self._buy(found, self.position.counts_on(fact.moment))
                    self._rate(fact)
                    self._write_found()
                if closing is not None:
                    yield closing
                continue
            self._rate(fact)
            if len(self.found) == MOST_AT_ONCE:
                self._keep_found()

    def _rate(self, fact: Fact) -> None:
        on = self.position.counts_on(fact.moment)
        outcome = fact.rate(self.position)
        self.position.account = self.position.account.after(outcome)
        self.found.append(Found(fact, outcome, on))
        if fact.rank is not Rank.PART and not outcome.is_held:
            self.rated.add(fact.row.pk)

    @contextmanager
    def _step(self) -> Iterator[None]:
        """One transaction, at whose end what was closed in it is told; of it nothing stays where Moved is raised."""
        with transaction.atomic():
            yield
            closed, self.closed = self.closed, []
            if (tell := self.reach.called.closed) is not None:
                for closing, value in closed:
                    tell(closing, value)

    def _keep_found(self) -> None:
        """Keep what was rated."""
        if self.found:
            with self._step():
                self._write_found()

    def _write_found(self) -> None:
        found, self.found = self.found, []
        if found:
            keep_facts(self.position, found, self.reach.until)

    def _next_block(self, fact: Fact) -> Bought | Outcome | None:
        """Find what comes before a stint draws on hours, where an agreement buys blocks by itself."""
        account = self.position.account
        if isinstance(fact.row, Part) or not next_block.can_buy(account):
            return None
        when = self._when(self.position.counts_on(fact.moment), fact.moment)
        return next_block.before_work(account, fact.work(fact.row, self.position), when)

    def _when(self, day: date, at: datetime) -> next_block.When:
        called = self.reach.called.due_since
        return next_block.When(day, at, lambda: called(self.client) if called is not None else None)

    def _buy(self, found: Bought | Outcome, day: date) -> Closing | None:
        """Keep a block that is bought by itself, or why none is, as a step of its own."""
        if isinstance(found, Bought):
            return self._noted(buy_next(self.position, found, day, self.reach.until), found.outcome)
        (notice,) = found.notices
        return self._keep(found, Cause(f"stop:{notice.cause}", day, self.reach.until))

    def _take_back(self, void: Void) -> None:
        """Give back what a stint or part drew and cost; one that was held is not rated any more."""
        self._keep_found()
        taken, key = taken_by(void, self.position), f"void:{void.pk}"
        on, account = self.position.counts_on(void.at), self.position.account
        outcome = voiding.void(account, taken.draws, taken.charges, key=key, day=on, rest=taken.rest)
        keep_void(self.position, void, outcome, taken, on=on)
        self.position.account = self.position.account.after(outcome)
        self.facts = [fact for fact in self.facts if not fact.is_of(void)]

    def _lapse(self, day: date) -> None:
        outcome = opening.lapse(self.position.account, day)
        self.position.lapsed_through = day
        if outcome.lapses or outcome.notices:
            with self._step():
                self._write_found()
                self._keep(outcome, Cause(f"lapse:{self.client.pk}:{day}", day, self.reach.until))

    def _close(self, day: date) -> Iterator[Closing]:
        """Open a day; a block that its monitoring calls for is bought before, and invoiced first."""
        start = datetime.combine(day, time(), tzinfo=self.position.zone)
        is_buying = next_block.can_buy(self.position.account)
        found = next_block.before_closing(self.position.account, self._when(day, start)) if is_buying else None
        with self._step():
            self._write_found()
            closings = [self._buy(found, day) if found is not None else None, self._open(day)]
        yield from (closing for closing in closings if closing is not None)

    def _open(self, day: date) -> Closing | None:
        is_new = self.position.opened_through is None or day > self.position.opened_through
        if day.day == 1 and is_new and self.reach.called.before_first is not None:
            self.reach.called.before_first(self.position, day)
        outcome = opening.close(self.position.account, day)
        key = f"open:{self.client.pk}:{day}"
        if not is_new:
            key = f"start:{self.client.pk}:{day}:{self.position.turn}"  # an agreement made after the opening
        self.position.opened_through = day
        self.position.lapsed_through = max(self.position.lapsed_through or day, day)
        if outcome == Outcome():
            return None
        return self._keep(outcome, Cause(key, day, self.reach.until))

    def _keep(self, outcome: Outcome, cause: Cause) -> Closing | None:
        """Keep a step of the account itself, in a transaction."""
        closing = keep(self.position, outcome, cause)
        self.position.account = self.position.account.after(outcome)
        return self._noted(closing, outcome)

    def _noted(self, closing: Closing | None, outcome: Outcome) -> Closing | None:
        """A closing that was kept, once it is noted as to be told."""
        if closing is not None and outcome.closing is not None:
            self.closed.append((closing, outcome.closing))
        return closing

    def _mark(self) -> None:
        """Keep how far the account was played, if that is further than before."""
        position, opened = self.position, self.reach.last_closing
        ahead = (position.lapsed_through or date.min) < self.reach.day or (position.opened_through or date.min) < opened
        if not ahead:
            return
        position.lapsed_through = max(position.lapsed_through or self.reach.day, self.reach.day)
        position.opened_through = max(position.opened_through or opened, opened)
        before = {"client_id": position.client.pk, "turn": position.turn}
        through = {"lapsed_through": position.lapsed_through, "opened_through": position.opened_through}
        if not update_row(Standing, before, **through):
            raise Moved
