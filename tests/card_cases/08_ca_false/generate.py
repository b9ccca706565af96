"""Row 8: basic constraints that say it is no CA."""

from card_case import Case, basic_constraints, card

case = Case(__file__)
changed = card()
changed.extensions["basic_constraints"] = basic_constraints(ca=False)
case.certificate(changed, "Basic constraints that say it is no CA.")
