"""Row 39: a CRL of this second is taken."""

from card_case import Case, Crl

case = Case(__file__)
crl = Crl()
crl.updates = ("2026-11-21T03:00:00Z", "2026-11-22T03:00:00Z")
case.crl(crl, "Begins at noon in Japan.")
