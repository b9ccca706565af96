"""Row 39: a CRL ends with its nextUpdate."""

from card_case import Case, Crl

case = Case(__file__)
crl = Crl()
crl.updates = ("2026-11-20T03:00:00Z", "2026-11-21T03:00:00Z")
case.crl(crl, "Ends at noon in Japan.")
