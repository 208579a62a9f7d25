"""Where agents enrol: JSON in, JSON out, by docs/agent-protocol.md. (Check-ins go to the front, not to Django.)"""

import msgspec
from django.db import IntegrityError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from rounds.agents.enrolling import Asked, NotEnrolled, Waits, enrol
from rounds.agents.refusing import keep_refusal

_decoder = msgspec.json.Decoder(Asked)


@csrf_exempt  # an agent has no session; the token is what lets it in
@require_POST
def create_enrolment(request: HttpRequest) -> JsonResponse:
    """Enrol an agent against its token."""
    now = timezone.now()
    if b"\\u0000" in request.body:
        return _refuse(400, "malformed", "a text holds a zero character")
    try:
        agent = enrol(_decoder.decode(request.body), at=now)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _refuse(400, "malformed", f"not a request for enrolment: {error}")
    except Waits as why:
        return JsonResponse({"code": "waiting", "reason": str(why), "time": now.isoformat()}, status=202)
    except IntegrityError:  # the same agent asked twice at once: one of the two is in
        return _refuse(503, "busy", "this machine is being enrolled just now")
    except NotEnrolled as refused:
        return _refuse(403, "not-enrolled", str(refused))
    return JsonResponse({"machine": agent.machine_id, "name": agent.machine.name, "time": now.isoformat()}, status=201)


def _refuse(status: int, code: str, reason: str) -> JsonResponse:
    keep_refusal(code, reason, at=timezone.now())
    return JsonResponse({"code": code, "reason": reason}, status=status)
