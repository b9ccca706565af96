"""Row 7: nonRepudiation only."""

from card_case import Case, card, key_usage

case = Case(__file__)
changed = card()
changed.extensions["key_usage"] = key_usage(1)
case.certificate(changed, "NonRepudiation only.")
