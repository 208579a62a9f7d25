"""Who may see the portal: a client's contact, and of everything only what is his client's."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, cast

from django.http import Http404, HttpResponseBase
from django.utils.cache import patch_cache_control

from rounds.clients.models import Client, Contact
from rounds.people.access import OpenView, SignedIn, signed_in


class ContactRequest(SignedIn):
    """A request of a client's contact; views fetch everything through `client`."""

    contact: Contact
    client: Client


type ContactView[**P] = Callable[Concatenate[ContactRequest, P], HttpResponseBase]


def for_contact[**P](view: ContactView[P]) -> OpenView[P]:
    """For contacts who are still with their client; for everybody else there is nothing here."""

    @signed_in
    @wraps(view)
    def guarded(request: SignedIn, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        contacts = Contact.objects.filter(user=request.user.pk, left_at=None, client__left_at=None)
        contact = contacts.select_related("client").first()
        if contact is None:
            raise Http404("there is nothing here for you")
        of_contact = cast("ContactRequest", request)
        of_contact.contact, of_contact.client = contact, contact.client
        reply = view(of_contact, *args, **kwargs)
        patch_cache_control(reply, private=True, no_store=True)
        return reply

    return guarded
