"""Row 5: anyPolicy beside the right one."""

from card_case import CARD_POLICY, Case, card, policies

case = Case(__file__)
changed = card()
changed.extensions["policies"] = policies(CARD_POLICY, "2.5.29.32.0")
case.certificate(changed, "AnyPolicy beside the right one.")
