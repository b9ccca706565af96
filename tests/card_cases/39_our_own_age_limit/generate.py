"""Row 39: a CRL ends after 26 hours, whatever its nextUpdate."""

from card_case import Case, Crl

case = Case(__file__)
crl = Crl()
crl.updates = ("2026-11-20T01:00:00Z", "2026-11-28T01:00:00Z")
case.crl(crl, "Would be good for eight days.")
