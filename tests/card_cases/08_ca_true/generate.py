"""Row 8: the card calls itself a CA."""

from card_case import Case, basic_constraints, card

case = Case(__file__)
changed = card()
changed.extensions["basic_constraints"] = basic_constraints()
case.certificate(changed, "The card calls itself a CA.")
