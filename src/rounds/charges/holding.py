"""Holds planned work of clients whose retainer has nothing available, and lets it go on once there is money again."""

from collections.abc import Sequence
from datetime import datetime

from rounds.charges.standing import Holdings, holdings
from rounds.charges.telling import recipients_of
from rounds.clients.models import Client
from rounds.core.money import show_amount
from rounds.core.terms import Plan
from rounds.mail.sending import write_letter
from rounds.people.models import Shop
from rounds.people.shop import local_day, the_shop
from rounds.work.holding import hold, holds_now, lift, waiting_orders
from rounds.work.models import Hold

WHY = "nothing is available on the retainer"


def pull(at: datetime) -> int:
    """Hold what must wait and lift what need not any more; says how many orders changed.

    Only planned work on which nothing has been done waits: what somebody called about is helped, and paid afterwards.
    """
    waiting, held = waiting_orders(), holds_now().filter(why=WHY)
    clients = list(Client.objects.filter(pk__in={*waiting.values_list("client", flat=True),
                                                 *held.values_list("order__client", flat=True)}))  # fmt: skip
    known, changed = holdings(clients, local_day(at)), 0
    for client in clients:
        if is_empty(known[client.pk]):
            new = hold(list(waiting.filter(client=client).order_by("pk")), WHY, at=at)
            _tell(client, new, known[client.pk])
            changed += len(new)
        else:
            changed += lift(held.filter(order__client=client), "money is available again", at=at)
    return changed


def is_empty(holding: Holdings) -> bool:
    """Is the client on a retainer, and is nothing available on it?"""
    return holding.plan is Plan.RETAINER and holding.retainer_available <= 0


def _tell(client: Client, holds: Sequence[Hold], holding: Holdings) -> None:
    """Write to the client what waits and what to pay; once for the orders that begin to wait together."""
    addresses = recipients_of(client)
    if not (holds and addresses):
        return
    shop = the_shop()
    write_letter(f"hold:{holds[0].pk}", addresses, f"{client}: planned work waits for your retainer",
                 body_of(client, holds, holding, shop))  # fmt: skip


def body_of(client: Client, holds: Sequence[Hold], holding: Holdings, shop: Shop) -> str:
    """What the letter says: which work waits, and how much to pay so that it goes on."""
    level = holding.agreement.top_up_to if holding.agreement else None
    wanted = (level or 1) - holding.retainer_available - holding.retainer_asked
    asked = f"Invoices that you have already ask for {shop.currency} {show_amount(holding.retainer_asked)} of it."
    parts = [
        f"{client},",
        "nothing is available on your retainer after what is not billed yet. This planned work waits until there is:",
        "\n".join(f"- {one.order.title}" for one in holds),
        f"To bring it back to {shop.currency} {show_amount(level)}, please pay "
        f"{shop.currency} {show_amount(max(wanted, 0) + holding.retainer_asked)}." if level else
        f"The retainer stands at {shop.currency} {show_amount(holding.retainer_available)}.",
        asked if holding.retainer_asked else "",
        "What you call us about is done all the same.",
        "\n".join(filter(None, [shop.name, shop.phone, shop.bank_details.strip()])),
    ]  # fmt: skip
    return "\n\n".join(filter(None, parts)) + "\n"
