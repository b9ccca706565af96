"""Row 44: an indirect CRL."""

from card_case import HOME, Case, Crl
from der import explicit, implicit

case = Case(__file__)
case.crl(Crl("2026-11-20T20:00:00Z").revoke(), "The card is revoked.", "crls/1/home.crl")
crl = Crl(number=8)
crl.limit_to(explicit(0, explicit(0, HOME)), implicit(4, b"\xff"))
case.crl(crl, "It would lift the revocation.", "crls/2/home.crl")
