"""Row 16: the CA's own last second is past, the card's is not."""

from card_case import GENERATIONS, Case, Crl, root

case = Case(__file__)
ca = root(GENERATIONS[2])
ca.valid = ("2023-07-16T01:01:04Z", "2026-11-21T14:59:59Z")
case.root("generation_3", ca, "Ends before the cards it made.")
case.crl(Crl("2026-11-21T14:59:59Z"), "Nobody is revoked.")
