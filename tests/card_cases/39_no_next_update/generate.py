"""Row 39: a CRL without nextUpdate."""

from card_case import Case, Crl

case = Case(__file__)
crl = Crl()
crl.updates = crl.updates[:1]
case.crl(crl, "It never says when it ends.")
