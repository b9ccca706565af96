"""Row 21: SHA-1 inside, SHA-256 outside."""

from card_case import Case, card, rsa_with

case = Case(__file__)
changed = card()
changed.inner_algorithm = rsa_with("sha1")
case.certificate(changed, "SHA-1 inside, SHA-256 outside.")
