"""Row 2: made by an unpinned key under the name of the CA."""

from card_case import STRANGER, Case, card

case = Case(__file__)
case.certificate(card(issuer_key=STRANGER), "The name of the CA, but not its key.")
