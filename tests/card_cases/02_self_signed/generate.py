"""Row 2: signed by its own key, with the CA's name as issuer and subject."""

from card_case import AUTHENTICATION_CA, CARD, Case, card

case = Case(__file__)
changed = card(issuer_key=CARD)
changed.subject = AUTHENTICATION_CA
case.certificate(changed, "The card's key signs itself under the name of the CA.")
