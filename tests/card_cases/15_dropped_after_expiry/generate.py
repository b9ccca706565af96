"""Row 15: revoked, expired, and dropped from the next CRL, as RFC 5280 3.3 allows."""

from card_case import Case, Crl, card, reason

case = Case(__file__)
changed = card()
changed.valid = ("2025-10-27T02:30:00Z", "2026-11-21T14:59:59Z")
case.certificate(changed, "Expired at the end of 2026-11-21 in Japan.")
listed = Crl("2026-11-21T14:00:00Z").revoke(0x07A12345, "2026-11-10T00:00:00Z", reason(1))
case.crl(listed, "The last one of the card's life lists it.", "crls/1/home.crl")
dropped = Crl("2026-11-21T16:00:00Z", number=8)
case.crl(dropped, "The first one after it does not.", "crls/2/home.crl")
again = Crl("2026-11-22T16:00:00Z", number=9)
case.crl(again, "Nor does the one after that.", "crls/3/home.crl")
