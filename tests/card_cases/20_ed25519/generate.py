"""Row 20: an Ed25519 key."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from card_case import Case, card

case = Case(__file__)
changed = card()
changed.spki = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes(
    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
)
case.certificate(changed, "An Ed25519 key.")
