"""`rounds run`: everything a new user needs, in one command."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from rounds.web.running import prepare_database, run
from rounds.web.starting import make_own_site, make_owner, make_shop


class Command(BaseCommand):
    """Makes what is missing (tables, shop, owner, this machine's place) and serves."""

    help = "Serve this shop on PORT (8000) and watch this machine; the first time, make what it needs."
    requires_migrations_checks = False

    def handle(self, *args: object, **options: object) -> None:
        """Run."""
        del args, options
        prepare_database()
        make_shop(timezone.now())
        run(make_own_site(), make_owner())
