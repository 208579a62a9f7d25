"""The bank's files as a bank writes them: CAMT.053 and OFX, from a few words for each line."""

from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

OURS = "AT611904300234573201"
SPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


@dataclass(frozen=True)
class Told:
    """A line: cents in or out, who, what he wrote, the bank's own reference, the other account."""

    amount: int
    name: str = ""
    text: str = ""
    ref: str = ""
    account: str = ""
    on: date = date(2026, 4, 2)


def camt(*lines: Told, account: str = OURS, currency: str = "USD", space: str = SPACE) -> bytes:
    entries = "".join(_entry(line, currency) for line in lines)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="{space}"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-04-03T06:00:00</CreDtTm></GrpHdr>
<Stmt><Id>1</Id><Acct><Id><IBAN>{account}</IBAN></Id><Ccy>{currency}</Ccy></Acct>{entries}</Stmt>
</BkToCstmrStmt></Document>""".encode()


def _entry(line: Told, currency: str) -> str:
    side, other = ("CRDT", "Dbtr") if line.amount > 0 else ("DBIT", "Cdtr")
    money = f"{abs(line.amount) // 100}.{abs(line.amount) % 100:02d}"
    ref = f"<AcctSvcrRef>{line.ref}</AcctSvcrRef>" if line.ref else ""
    name = f"<{other}><Pty><Nm>{escape(line.name)}</Nm></Pty></{other}>" if line.name else ""
    account = f"<{other}Acct><Id><IBAN>{line.account}</IBAN></Id></{other}Acct>" if line.account else ""
    text = f"<RmtInf><Ustrd>{escape(line.text)}</Ustrd></RmtInf>" if line.text else ""
    return f"""<Ntry><Amt Ccy="{currency}">{money}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>{line.on}</Dt></BookgDt>{ref}<NtryDtls><TxDtls><RltdPties>{name}{account}</RltdPties>{text}</TxDtls>
</NtryDtls></Ntry>"""


def ofx(*lines: Told, account: str = "000123456", currency: str = "USD") -> bytes:
    """The older kind: elements that hold text are not closed."""
    entries = "".join(
        f"<STMTTRN>\n<TRNTYPE>{'CREDIT' if line.amount > 0 else 'DEBIT'}\n<DTPOSTED>{line.on:%Y%m%d}120000[-5:EST]\n"
        f"<TRNAMT>{'-' if line.amount < 0 else ''}{abs(line.amount) // 100}.{abs(line.amount) % 100:02d}\n"
        f"<FITID>{line.ref}\n<NAME>{escape(line.name)}\n<MEMO>{escape(line.text)}\n</STMTTRN>\n"
        for line in lines
    )
    return f"""OFXHEADER:100
DATA:OFXSGML
VERSION:102
ENCODING:USASCII
CHARSET:1252

<OFX><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS>
<STMTRS><CURDEF>{currency}<BANKACCTFROM><BANKID>1234<ACCTID>{account}<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260401<DTEND>20260430
{entries}</BANKTRANLIST><LEDGERBAL><BALAMT>1.00<DTASOF>20260430</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
""".encode("cp1252")
