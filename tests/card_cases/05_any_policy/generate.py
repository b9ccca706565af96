"""Row 5: anyPolicy."""

from card_case import Case, card, policies

case = Case(__file__)
changed = card()
changed.extensions["policies"] = policies("2.5.29.32.0")
case.certificate(changed, "AnyPolicy.")
