"""Row 20: a key on P-384, not enabled."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from card_case import Case, card

case = Case(__file__)
changed = card()
changed.spki = ec.derive_private_key(2026, ec.SECP384R1()).public_key().public_bytes(
    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
)
case.certificate(changed, "A key on P-384, not enabled.")
