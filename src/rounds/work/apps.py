"""The stage, as Django knows it."""

from django.apps import AppConfig

from rounds.pages import panels


class WorkConfig(AppConfig):
    """The app of this stage."""

    name = "rounds.work"
    label = "work"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add what work knows to the pages of others."""
        from rounds.work import sections  # noqa: PLC0415 - models can be imported only now

        panels.add("client", 30, "Waiting for their answer", sections.waiting_for_answer)
        panels.add("client", 40, "Recent work", sections.recent_work)
        panels.add("machine", 60, "What happened here", sections.what_happened_here)
        panels.add("today", 30, "Answers waiting", sections.answers_waiting)
        panels.add("today", 40, "Timers running", sections.timers_running)
        panels.add("today", 35, "Work on hold", sections.orders_on_hold)
        panels.add_search(40, "Orders", sections.find_orders)
        panels.add_search(50, "Proposals", sections.find_proposals)
