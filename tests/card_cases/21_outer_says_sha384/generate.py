"""Row 21: SHA-256 inside, SHA-384 outside."""

from card_case import Case, card, rsa_with

case = Case(__file__)
changed = card()
changed.outer_algorithm = rsa_with("sha384")
case.certificate(changed, "SHA-256 inside, SHA-384 outside.")
