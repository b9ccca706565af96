"""Row 1: the warning begins at midnight in Japan, three months before the last day."""

from card_case import Case, Crl, card

case = Case(__file__)
changed = card()
changed.valid = ("2025-10-27T02:30:00Z", "2027-02-20T14:59:59Z")
case.certificate(changed, "Valid until the end of 2027-02-20 in Japan.")
case.crl(Crl("2026-11-19T15:00:00Z"), "Nobody is revoked.")
