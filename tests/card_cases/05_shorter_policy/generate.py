"""Row 5: shorter by one arc."""

from card_case import Case, card, policies

case = Case(__file__)
changed = card()
changed.extensions["policies"] = policies("1.2.392.200149.8.5.1.3")
case.certificate(changed, "Shorter by one arc.")
