"""Row 7: keyCertSign beside digitalSignature."""

from card_case import Case, card, key_usage

case = Case(__file__)
changed = card()
changed.extensions["key_usage"] = key_usage(0, 5)
case.certificate(changed, "KeyCertSign beside digitalSignature.")
