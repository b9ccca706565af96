"""Row 29: two certificates."""

from card_case import Case, card

case = Case(__file__)
case.certificate(card().der() * 2, "The same good certificate twice.")
