"""Addresses of this stage."""

from django.urls import path

from rounds.work import call_views, day_views, order_views, proposal_views, stint_views, void_views

app_name = "work"
urlpatterns = [
    path("work/", day_views.my_day, name="my-day"),
    path("work/timer", day_views.timer, name="timer"),
    path("work/timer/discarding", day_views.discard_timer, name="discard-timer"),
    path("work/calls", call_views.calls, name="calls"),
    path("work/calls/<int:client_id>", call_views.call, name="call"),
    path("work/calls/<int:client_id>/timer", call_views.start_call, name="start-call"),
    path("work/proposals", proposal_views.proposals, name="proposals"),
    path("work/proposals/new", proposal_views.new_proposal, name="new-proposal"),
    path("work/proposals/<int:proposal_id>", proposal_views.proposal, name="proposal"),
    path("work/proposals/<int:proposal_id>/answers", proposal_views.create_answer, name="answers"),
    path("work/proposals/<int:proposal_id>/withdrawal", proposal_views.withdrawal, name="withdrawal"),
    path("work/proposals/<int:proposal_id>/consequences", proposal_views.create_consequence, name="consequences"),
    path("work/orders", order_views.orders, name="orders"),
    path("work/orders/new", order_views.new_order, name="new-order"),
    path("work/orders/<int:order_id>", order_views.order, name="order"),
    path("work/orders/<int:order_id>/timer", order_views.start_timer, name="start-timer"),
    path("work/orders/<int:order_id>/stints", order_views.new_stint, name="new-stint"),
    path("work/orders/<int:order_id>/parts", order_views.new_part, name="new-part"),
    path("work/orders/<int:order_id>/note", order_views.note, name="note"),
    path("work/orders/<int:order_id>/state", order_views.state, name="state"),
    path("work/orders/<int:order_id>/release", order_views.release, name="release"),
    path("work/stints", stint_views.stints, name="stints"),
    path("work/stints/<int:stint_id>/approval", stint_views.approval, name="approval"),
    path("work/stints/<int:stint_id>/void", void_views.void_stint, name="void-stint"),
    path("work/parts/<int:part_id>/void", void_views.void_part, name="void-part"),
]
