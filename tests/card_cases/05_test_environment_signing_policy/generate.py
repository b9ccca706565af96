"""Row 5: the signing policy of the test environment."""

from card_case import Case, card, policies

case = Case(__file__)
changed = card()
changed.extensions["policies"] = policies("1.2.392.200149.8.5.1.0.20")
case.certificate(changed, "The signing policy of the test environment.")
