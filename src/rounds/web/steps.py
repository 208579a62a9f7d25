"""What the ticker runs, in the order of the stages, and how often at the most."""

from datetime import datetime

from rounds.agents import chunks, learning, reading, refusing, remote, victoria
from rounds.agents.sealing import pull as seal_check_ins
from rounds.charges import holding, telling
from rounds.clients import renewing
from rounds.findings import expecting, finding, letting_go, posting, surging, unusual, watching
from rounds.findings import telling as telling_of_findings
from rounds.invoices import auditing, issuing, mailing, reminding
from rounds.ledger import booking, sealing
from rounds.mail import sending, understanding
from rounds.people.shop import local_day
from rounds.portal import signing
from rounds.portal import telling as telling_of_hours
from rounds.reports import mailing as daily_mailing
from rounds.reports import making
from rounds.upkeep import ordering, planning, proving
from rounds.watches import choosing
from rounds.web.ticking import Step


def read_check_ins(_at: datetime) -> None:
    """Read check-ins into the states of machines and hold them against limits, batch by batch, each decoded once."""
    new = 1
    while new:
        with reading.remembering():
            new = reading.pull_some() + watching.pull_some()


STEPS = (
    Step("read check-ins", read_check_ins, 2),
    Step("keep what changed on machines", lambda _at: learning.pull(), 5),
    Step("let old events go", learning.age, 6 * 3600),
    Step("give samples to VictoriaMetrics", victoria.feed, 2),
    Step("send samples on", remote.feed, 5),
    Step("seal check-ins", seal_check_ins, 10),
    Step("let old samples go", chunks.age, 6 * 3600),
    Step("let old refusals go", refusing.age, 6 * 3600),
    Step("choose who watches for others", choosing.pull, 10),
    Step("plan duties", lambda at: planning.pull(local_day(at)), 300),
    Step("order jobs of agents", ordering.pull, 10),
    Step("take results as evidence", lambda _at: proving.pull(), 5),
    Step("read again what waits for a rule", understanding.read_again, 5),
    Step("open and close findings", finding.pull, 5),
    Step("hold hours against what is usual", unusual.pull, 20),
    Step("look for mail that has not come", expecting.watch_expected, 60),
    Step("count the alert mail of all clients", surging.watch_all_mail, 60),
    Step("let old mails go", letting_go.pull, 6 * 3600),
    Step("tell of findings", telling_of_findings.pull, 10),
    Step("renew agreements", renewing.pull, 600),
    Step("rate, close and issue", issuing.pull, 10),
    Step("book", booking.pull, 10),
    Step("seal entries", lambda _at: sealing.pull(), 10),
    Step("prove the books, once a day", auditing.pull, 600),
    Step("hold work and let it go on", holding.pull, 15),
    Step("tell of notices", telling.pull, 15),
    Step("write letters with invoices", mailing.pull, 15),
    Step("remind of late invoices", reminding.pull, 600),
    Step("make daily reports", making.pull, 30),
    Step("write letters with daily reports", daily_mailing.pull, 15),
    Step("write letters about agreements", signing.pull, 15),
    Step("write letters about hours bought in the portal", telling_of_hours.pull, 15),
    Step("send letters", sending.send_due, 5),
    Step("post messages", posting.post_due, 5),
)
