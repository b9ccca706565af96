"""Row 39: the last good CRL is kept when the next is refused, and dies by its own nextUpdate."""

from card_case import Case, Crl

case = Case(__file__)
first = Crl()
first.updates = ("2026-11-20T03:00:00Z", "2026-11-21T03:00:00Z")
case.crl(first, "The last good one, until noon in Japan.", "crls/1/home.crl")
crl = Crl(number=8)
crl.updates = crl.updates[:1]
case.crl(crl, "It never says when it ends.", "crls/2/home.crl")
