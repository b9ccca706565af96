"""Row 23: PSS padding."""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from card_case import CARD, Case, challenge

case = Case(__file__)
scheme = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=0)
pss = CARD.private.sign(challenge(), scheme, hashes.SHA256())
case.signature(pss, "PSS padding.")
