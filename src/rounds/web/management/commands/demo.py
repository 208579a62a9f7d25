"""`rounds demo`: the sample shop, from a database of its own (see `rounds.web.cli`, which sets its folder)."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from rounds.clients.models import Site
from rounds.people.models import Role, User
from rounds.people.signing_in import one_time_link
from rounds.web.running import prepare_database, run, the_port
from rounds.web.sample.cast import ELM, NORTHSIDE
from rounds.web.sample.making import forget_half_made, make_sample
from rounds.web.sample.outside import watch_devices


class Command(BaseCommand):
    """Makes the sample shop's year, once, and serves it."""

    help = "Serve the sample shop: five clients, one per plan, with a year of history."
    requires_migrations_checks = False

    def handle(self, *args: object, **options: object) -> None:
        """Make, then run."""
        del args, options
        forget_half_made()
        prepare_database()
        make_sample(timezone.now(), say=self._say)
        owner = User.objects.filter(role=Role.OWNER).earliest("pk")
        contact = User.objects.get(email=ELM.contact.email)
        site = Site.objects.filter(client__name=NORTHSIDE.name).earliest("pk")
        watch_devices(site, the_port(), timezone.now())
        technician = User.objects.filter(role=Role.TECHNICIAN).earliest("pk")
        run(
            site,
            owner,
            more=tuple(f"Sign in as {who}, once, with: {one_time_link(who)}" for who in (technician, contact)),
        )

    def _say(self, text: str) -> None:
        self.stdout.write(text, ending="")
        self.stdout.flush()
