"""Row 7: not critical."""

from card_case import Case, card, key_usage

case = Case(__file__)
changed = card()
changed.extensions["key_usage"] = key_usage(0, critical=False)
case.certificate(changed, "Not critical.")
