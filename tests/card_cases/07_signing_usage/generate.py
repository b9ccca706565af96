"""Row 7: nonRepudiation beside digitalSignature."""

from card_case import Case, card, key_usage

case = Case(__file__)
changed = card()
changed.extensions["key_usage"] = key_usage(0, 1)
case.certificate(changed, "NonRepudiation beside digitalSignature.")
