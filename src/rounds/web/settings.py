"""Django's settings, read from the environment alone and checked at start.

ROUNDS_HOME       folder of the database, the secret and the mail that could not be sent (./var)
ROUNDS_DATABASE   "sqlite" (default: rounds.sqlite3 in ROUNDS_HOME) or "postgresql" (host, user and name from PG*)
ROUNDS_HOSTS      host names the shop is reached by, with commas (localhost)
ROUNDS_URL        the address in mails and on pages for clients (http://localhost:8000)
ROUNDS_SMTP       smtp://user:password@host:port, or smtps:// or smtp+starttls://; without it
                  mails are left as files in ROUNDS_HOME/mail
ROUNDS_MAIL_FROM  the address from which the shop writes (rounds@localhost)
ROUNDS_LISTEN     where alert mail is taken (127.0.0.1:8025)
ROUNDS_LISTEN_CERTIFICATE  a file with certificate, chain and key: the listener then offers STARTTLS
ROUNDS_IMAP       mailboxes from which alert mail is fetched: imaps://user:password@host/FOLDER, or imap+starttls://;
                  several are divided by blanks; a sign that is special in addresses is written so: %40
ROUNDS_MAIL_CHECKED_BY  the mail servers whose Authentication-Results (SPF, DKIM, DMARC) are believed, with commas
ROUNDS_VICTORIA   the address of VictoriaMetrics, if samples are kept there and not in the database
ROUNDS_REMOTE_WRITE  another store that samples are sent on to by Prometheus' remote-write protocol: its address,
                  with user:password@ if it wants one; or ROUNDS_REMOTE_WRITE_TOKEN
ROUNDS_DEBUG      1 shows errors in the browser
"""

import os
import secrets
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

django_stubs_ext.monkeypatch()

PACKAGE = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("ROUNDS_HOME", "var")).resolve()
DEBUG = os.environ.get("ROUNDS_DEBUG") == "1"
SITE_URL = os.environ.get("ROUNDS_URL", f"http://localhost:{os.environ.get('PORT', '8000')}").rstrip("/")
ALLOWED_HOSTS = [
    *filter(None, os.environ.get("ROUNDS_HOSTS", "").split(",")),
    urlsplit(SITE_URL).hostname or "localhost",
    "localhost",
    "127.0.0.1",
    "[::1]",
]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
VICTORIA = os.environ.get("ROUNDS_VICTORIA", "")
REMOTE_WRITE = os.environ.get("ROUNDS_REMOTE_WRITE", "")
REMOTE_WRITE_TOKEN = os.environ.get("ROUNDS_REMOTE_WRITE_TOKEN", "")
LISTEN = os.environ.get("ROUNDS_LISTEN", "127.0.0.1:8025")
LISTEN_CERTIFICATE = os.environ.get("ROUNDS_LISTEN_CERTIFICATE", "")
MAIL_CHECKED_BY = [one.strip() for one in os.environ.get("ROUNDS_MAIL_CHECKED_BY", "").split(",") if one.strip()]


def _secret_key() -> str:
    """The installation's secret: kept in ROUNDS_HOME by `rounds`; where there is none yet, one for this process."""
    kept = HOME / "secret"
    return kept.read_text().strip() if kept.is_file() else secrets.token_urlsafe(50)


def _database() -> dict[str, Any]:
    engine = os.environ.get("ROUNDS_DATABASE", "sqlite")
    if engine == "postgresql":
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ.get("PGDATABASE", "rounds"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {"prepare_threshold": 2},  # for `rows.prepared`; Django's own cursors prepare nothing
        }
    if engine == "sqlite":
        # stack: every transaction that may write takes the write lock at once, or it could not wait for it.
        begin = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON"
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(HOME / "rounds.sqlite3"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": begin},
            # A file, not memory: other processes of a test see it.
            "TEST": {"NAME": f"{tempfile.gettempdir()}/rounds-test-{os.getpid()}.sqlite3"},
        }
    raise ImproperlyConfigured(f"ROUNDS_DATABASE is “{engine}”; it may be sqlite or postgresql")


def _mailer() -> dict[str, Any]:
    address = os.environ.get("ROUNDS_SMTP", "")
    if not address:
        folder = {"file_path": str(HOME / "mail")}
        return {"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "OPTIONS": folder}
    parts = urlsplit(address)
    if parts.scheme not in {"smtp", "smtps", "smtp+starttls"} or not parts.hostname:
        raise ImproperlyConfigured(
            f"ROUNDS_SMTP is “{address}”; write it like smtp://user:password@mail.example.com:587"
        )
    options = {
        "host": parts.hostname,
        "port": parts.port or {"smtp": 25, "smtps": 465, "smtp+starttls": 587}[parts.scheme],
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_ssl": parts.scheme == "smtps",
        "use_tls": parts.scheme == "smtp+starttls",
        "timeout": 20,
    }
    return {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}


def _mailboxes() -> list[SplitResult]:
    """The addresses of mailboxes; without encryption only on this machine. What is wrong is told without a password."""
    found = []
    for address in os.environ.get("ROUNDS_IMAP", "").split():
        parts = urlsplit(address)
        shown = f"{parts.scheme}://…@{parts.hostname or ''}"
        if parts.scheme not in {"imaps", "imap+starttls", "imap"} or not (parts.hostname and parts.username):
            raise ImproperlyConfigured(
                f"ROUNDS_IMAP has “{shown}”; write it like imaps://user:password@mail.example.com/INBOX"
            )
        if parts.scheme == "imap" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
            raise ImproperlyConfigured(f"ROUNDS_IMAP has “{shown}”: the password would go in the clear; use imaps://")
        found.append(parts)
    return found


SECRET_KEY = _secret_key()
DATABASES = {"default": _database()}
MAILERS = {"default": _mailer()}
IMAP = _mailboxes()
DEFAULT_FROM_EMAIL = os.environ.get("ROUNDS_MAIL_FROM", "rounds@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

STAGES = [
    "pages", "people", "clients", "agents", "watches", "mail", "upkeep", "findings", "work", "charges", "ledger",
    "invoices", "offers", "reports", "portal", "api", "web",
]  # fmt: skip
INSTALLED_APPS = [
    *(f"rounds.{stage}" for stage in STAGES),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "rounds.people.clock.ShopTimeMiddleware",
]
ROOT_URLCONF = "rounds.web.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "rounds.work.context.page",
            ],
        },
    }
]
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "manifest-src": [CSP.SELF],
}
IS_HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
X_FRAME_OPTIONS = "DENY"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "rounds.people.signing_in.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_FORMS = {"login": "rounds.people.signing_in.SignInForm"}
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody is mailed because a stranger typed his address
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ADAPTER = "rounds.people.signing_in.FactorAdapter"
MFA_TOTP_TOLERANCE = 1  # half a minute: phones' clocks are not ours
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
# Sign-in limits count in the cache: one that all processes share, so that more processes do not mean more tries.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(HOME / "cache")}
}

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"factur-x": {"level": "WARNING"}},  # it tells of every invoice that it writes
}
