"""Row 33: the key usage twice."""

from card_case import Case, card, key_usage

case = Case(__file__)
changed = card()
changed.extensions["again"] = key_usage(0)
case.certificate(changed, "The key usage twice.")
