"""Row 31: 10,000 extensions."""

from card_case import Case, card, extension

case = Case(__file__)
changed = card()
for number in range(9996):
    changed.extensions[number] = extension(f"1.3.{number}", b"")
case.certificate(changed, "10,000 extensions.")
