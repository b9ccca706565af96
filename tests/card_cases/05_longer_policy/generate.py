"""Row 5: longer by one arc."""

from card_case import Case, card, policies

case = Case(__file__)
changed = card()
changed.extensions["policies"] = policies("1.2.392.200149.8.5.1.3.30.1")
case.certificate(changed, "Longer by one arc.")
