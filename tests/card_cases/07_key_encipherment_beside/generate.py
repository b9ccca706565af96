"""Row 7: keyEncipherment beside digitalSignature."""

from card_case import Case, card, key_usage

case = Case(__file__)
changed = card()
changed.extensions["key_usage"] = key_usage(0, 2)
case.certificate(changed, "KeyEncipherment beside digitalSignature.")
