"""Row 5: the policy of a phone's signing certificate."""

from card_case import Case, card, policies

case = Case(__file__)
changed = card()
changed.extensions["policies"] = policies("1.2.392.200149.8.5.1.1.40")
case.certificate(changed, "The policy of a phone's signing certificate.")
