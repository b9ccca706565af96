"""Row 45: an entry's reason that is no ENUMERATED."""

from card_case import Case, Crl, extension
from der import integer

case = Case(__file__)
case.crl(Crl("2026-11-20T20:00:00Z").revoke(), "The card is revoked.", "crls/1/home.crl")
crl = Crl(number=8)
crl.revoke(1, "2026-11-01T00:00:00Z", extension("2.5.29.21", integer(1)))
case.crl(crl, "It would lift the revocation.", "crls/2/home.crl")
