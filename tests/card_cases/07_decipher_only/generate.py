"""Row 7: the ninth bit beside digitalSignature."""

from card_case import Case, card, key_usage

case = Case(__file__)
changed = card()
changed.extensions["key_usage"] = key_usage(0, 8)
case.certificate(changed, "The ninth bit beside digitalSignature.")
