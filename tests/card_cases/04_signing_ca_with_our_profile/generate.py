"""Row 4: the signing CA made what looks like an authentication certificate."""

from card_case import SIGNING, SIGNING_CA, Case, card

case = Case(__file__)
changed = card(issuer_key=SIGNING)
changed.issuer = SIGNING_CA
case.certificate(changed, "Everything as it should be, but by the signing CA.")
