"""Row 4: a leaf of the signing CA, rightly signed."""

from card_case import CARD_SIGNING, SIGNING, SIGNING_CA, Case, card, challenge, key_usage, policies

case = Case(__file__)
changed = card(key=CARD_SIGNING, issuer_key=SIGNING)
changed.issuer = SIGNING_CA
changed.extensions["key_usage"] = key_usage(0, 1)
changed.extensions["policies"] = policies("1.2.392.200149.8.5.1.1.20")
case.certificate(changed, "A signing certificate of the signing CA.")
case.signature(CARD_SIGNING.sign(challenge()), "By the signing key.")
