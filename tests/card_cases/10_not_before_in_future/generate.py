"""Row 10: validity begins at notBefore, not a second sooner."""

from card_case import Case, card

case = Case(__file__)
changed = card()
changed.valid = ("2026-11-21T03:00:00Z", "2030-02-17T14:59:59Z")
case.certificate(changed, "Valid from 12:00:00 in Japan.")
