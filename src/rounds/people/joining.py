"""Who is of the shop: adds people, changes what they may do, lets them go."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction

from rounds.core.money import Refused
from rounds.people.models import Role, User


def _refuse_taken(email: str, *, but: User | None = None) -> None:
    taken = User.objects.filter(email__iexact=email).first()
    if taken is not None and taken != but:
        raise Refused(f"{email} is {taken.name}'s address already; every person needs an own one")


@transaction.atomic
def add_person(email: str, name: str, role: Role) -> User:
    """Add somebody who may sign in; he comes in by a one-time link. Refused: an address that somebody has."""
    _refuse_taken(email)
    person = User(email=email.lower(), name=name, role=role)
    person.set_unusable_password()
    person.save(force_insert=True)
    _keep_address(person)
    return person


@transaction.atomic
def change_person(person: User, *, email: str, name: str, role: Role) -> User:
    """Change a person's name, address or role. Refused: an address that somebody has; the last owner's role."""
    kept = User.objects.select_for_update().get(pk=person.pk)
    _refuse_taken(email, but=kept)
    if kept.is_owner and role != Role.OWNER:
        _refuse_last_owner(kept)
    if (kept.role == Role.CONTACT) != (role == Role.CONTACT):
        raise Refused("a client's contact stays one, and so does a person of the shop: add the person anew")
    kept.email, kept.name, kept.role = email.lower(), name, role
    kept.save(update_fields=["email", "name", "role"])
    _keep_address(kept)
    return kept


@transaction.atomic
def let_go(person: User) -> None:
    """End a person's sign-in at once, on every device. Refused: the last owner. What he did stays with his name."""
    kept = User.objects.select_for_update().get(pk=person.pk)
    if kept.is_owner:
        _refuse_last_owner(kept)
    kept.is_active = False
    kept.save(update_fields=["is_active"])


def bring_back(person: User) -> None:
    """Let a person sign in again."""
    person.is_active = True
    person.save(update_fields=["is_active"])


def forget_factors(person: User) -> int:
    """Remove a person's second factors, for one who lost his phone or key; say how many there were."""
    removed: tuple[int, dict[str, int]] = Authenticator.objects.filter(user=person).delete()
    return removed[0]


def _refuse_last_owner(person: User) -> None:
    owners = User.objects.select_for_update().filter(role=Role.OWNER, is_active=True)
    if person.is_active and [owner.pk for owner in owners] == [person.pk]:
        raise Refused(f"{person} is the last owner: make somebody else one first")


def _keep_address(person: User) -> None:
    """Keep the address for allauth, as checked: the owner vouches for it."""
    EmailAddress.objects.filter(user=person).exclude(email=person.email).delete()
    EmailAddress.objects.update_or_create(
        user_id=person.pk, email=person.email, defaults={"verified": True, "primary": True}
    )
