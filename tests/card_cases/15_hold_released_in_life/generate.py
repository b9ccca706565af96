"""Row 15: on hold in its life and released, then expired: it was not revoked."""

from card_case import Case, Crl, card, reason

case = Case(__file__)
changed = card()
changed.valid = ("2025-10-27T02:30:00Z", "2026-11-21T14:59:59Z")
case.certificate(changed, "Expired at the end of 2026-11-21 in Japan.")
hold = Crl("2026-11-09T16:00:00Z").revoke(0x07A12345, "2026-11-09T00:00:00Z", reason(6))
case.crl(hold, "On hold.", "crls/1/home.crl")
case.crl(Crl("2026-11-10T16:00:00Z", number=8), "Released.", "crls/2/home.crl")
case.crl(Crl("2026-11-21T16:00:00Z", number=9), "Of the card's last day.", "crls/3/home.crl")
