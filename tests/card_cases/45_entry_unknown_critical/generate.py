"""Row 45: an unknown critical extension of an entry."""

from card_case import UNKNOWN, Case, Crl, extension
from der import null

case = Case(__file__)
case.crl(Crl("2026-11-20T20:00:00Z").revoke(), "The card is revoked.", "crls/1/home.crl")
crl = Crl(number=8)
crl.revoke(1, "2026-11-01T00:00:00Z", extension(UNKNOWN, null(), critical=True))
case.crl(crl, "It would lift the revocation.", "crls/2/home.crl")
