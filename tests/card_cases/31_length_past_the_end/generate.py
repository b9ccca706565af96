"""Row 31: a length one octet past the end."""

from card_case import Case, card

case = Case(__file__)
good = card().der()
case.certificate(good[:-1], "A length one octet past the end.")
