"""What every case takes that does not bring its own: a good card among three generations of CA."""

from card_case import CARD, GENERATIONS, Case, Crl, card, challenge, root

case = Case(__file__)
case.certificate(card(), "A good user-authentication certificate of generation 3.")
case.write("to_be_signed", challenge())
case.signature(CARD.sign(challenge()), "The card's signature over to_be_signed.")
for generation, key in enumerate(GENERATIONS, 1):
    case.root(
        f"generation_{generation}",
        root(key, serial=generation),
        f"Generation {generation} of the user-authentication CA; all have one name.",
    )
case.crl(Crl(), "Nobody of the home municipality is revoked.")
