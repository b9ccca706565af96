"""Row 44: a CRL of user certificates only is what a card needs."""

from card_case import HOME, Case, Crl
from der import explicit, implicit

case = Case(__file__)
crl = Crl()
crl.limit_to(explicit(0, explicit(0, HOME)), implicit(1, b"\xff"))
case.crl(crl, "Of end entities only.", "crls/home.crl")
