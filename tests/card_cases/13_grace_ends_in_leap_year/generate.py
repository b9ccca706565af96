"""Row 13: a card of November 2027 ends its grace with the 29th of February."""

from card_case import Case, Crl, card

case = Case(__file__)
changed = card()
changed.valid = ("2025-10-27T02:30:00Z", "2027-11-15T14:59:59Z")
case.certificate(changed, "It is in grace, or just out of it.")
case.crl(Crl("2028-02-29T15:00:00Z"), "Nobody is revoked.")
