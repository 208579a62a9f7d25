"""What a machine fetches to get the agent: the script made for this shop, and the package, by its hash."""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from rounds.agents import packaging, releasing

SCRIPTS = LINUX, WINDOWS = "install.sh", "install.ps1"
PLACES = ("@KEYS@", "@SHA256@", "@PYTHON_SHA256@", "@PSUTIL_SHA256@")
FOLDER = Path(__file__).parent / "install"


@cache
def _made(name: str, server: str, hashes: tuple[str, ...]) -> bytes:
    """An install script for a server's address and the hashes of what it is to fetch."""
    if set(server) & set("'\"`$\\ \n"):
        raise ImproperlyConfigured(f"ROUNDS_URL is “{server}”: such an address cannot stand in a script")
    text = (FOLDER / name).read_text().replace("@SERVER@", server)
    for place, sha256 in zip(PLACES, hashes, strict=False):
        text = text.replace(place, sha256)
    return text.encode()


def _keys() -> str:
    """The keys that machines begin to trust when they are installed: the newest; "" while nothing is released."""
    published = releasing.read(settings.HOME / releasing.FOLDER)
    text = json.dumps(published.keys[-1]) if published and published.keys else ""
    if "'" in text or "\n" in text:
        raise ImproperlyConfigured("the keys of releases cannot stand in a script")
    return text


def script(name: str) -> bytes | None:
    """An install script as it is served now; None for Windows while its parts are not there."""
    hashes = [_keys(), packaging.current(settings.HOME).sha256]
    if name == WINDOWS:
        parts = packaging.windows_parts(settings.HOME)
        if parts is None:
            return None
        hashes += [part.sha256 for part in parts]
    return _made(name, settings.SITE_URL, tuple(hashes))


def lines(token: str) -> dict[str, str]:
    """The line that installs the agent with a token, by system; each checks what it fetched before it runs it."""
    server, made = settings.SITE_URL, {name: script(name) for name in SCRIPTS}
    hashes = {name: hashlib.sha256(text).hexdigest() for name, text in made.items() if text is not None}
    told = {
        "linux": f"curl -fsSm 60 {server}/agents/{LINUX} -o rounds-install.sh && "
        f'echo "{hashes[LINUX]}  rounds-install.sh" | sha256sum -c - && sh rounds-install.sh {token}'
    }
    if WINDOWS in hashes:
        told["windows"] = (
            f"$f = \"$env:TEMP\\rounds-install.ps1\"; iwr -UseBasicParsing '{server}/agents/{WINDOWS}' -OutFile $f; "
            f"if ((Get-FileHash $f).Hash -ne '{hashes[WINDOWS]}') {{ throw 'This is not the script of the shop.' }}; "
            f"powershell -NoProfile -ExecutionPolicy Bypass -File $f -Token '{token}'"
        )
    return told


@require_safe
def install_script(_request: HttpRequest, name: str) -> HttpResponse:
    """The script; whoever runs it has checked its hash against the line that a technician was shown."""
    text = script(name) if name in SCRIPTS else None
    if text is None:
        raise Http404
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@csrf_exempt  # an agent has no session; what it is told is for anybody
@require_POST
def release(request: HttpRequest) -> JsonResponse:
    """The newest release, and the changes of keys since those that an agent trusts."""
    try:
        number = int(json.loads(request.body)["keys"])
    except (KeyError, TypeError, ValueError):
        return JsonResponse({"code": "malformed", "reason": 'say which keys you trust: {"keys": 1}'}, status=400)
    published = releasing.read(settings.HOME / releasing.FOLDER)
    if published is None:
        return JsonResponse({"keys": [], "release": None})
    newer = [document for document in published.keys if releasing.says(document)["number"] > number]
    return JsonResponse({"keys": newer, "release": published.release})


@require_safe
def package(_request: HttpRequest, sha256: str) -> HttpResponseBase:
    """What has a hash; what is given out no more is not there."""
    found = packaging.by_hash(settings.HOME, sha256)
    if found is None:
        raise Http404
    if isinstance(found, bytes):
        return HttpResponse(found, content_type="application/zip")
    return FileResponse(found.open("rb"), content_type="application/zip")
