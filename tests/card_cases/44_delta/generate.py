"""Row 44: a delta CRL."""

from card_case import Case, Crl, extension
from der import integer

case = Case(__file__)
case.crl(Crl("2026-11-20T20:00:00Z").revoke(), "The card is revoked.", "crls/1/home.crl")
crl = Crl(number=8)
crl.extensions["delta"] = extension("2.5.29.27", integer(7), critical=True)
case.crl(crl, "It would lift the revocation.", "crls/2/home.crl")
