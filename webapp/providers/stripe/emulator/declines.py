"""How a bank, or Stripe itself, turns a card away."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Decline:
    """`code` is the error's, `advice` its `advice_code`, `param` the field to correct, if one is to blame."""

    code: str
    decline_code: str
    message: str
    advice: str | None = None
    param: str | None = None


_DECLINED = "Your card was declined."
_SOON = "Something went wrong with the card just now. Try again a little later."

DECLINES = {
    "generic_decline": Decline("card_declined", "generic_decline", _DECLINED, "try_again_later"),
    "insufficient_funds": Decline(
        "card_declined", "insufficient_funds", "Your card has insufficient funds.", "try_again_later"
    ),
    "lost_card": Decline("card_declined", "lost_card", _DECLINED, "do_not_try_again"),
    "stolen_card": Decline("card_declined", "stolen_card", _DECLINED, "do_not_try_again"),
    # guess: no advice is documented for this code; it is given the one of the other temporary declines.
    "card_velocity_exceeded": Decline("card_declined", "card_velocity_exceeded", _DECLINED, "try_again_later"),
    "expired_card": Decline("expired_card", "expired_card", "Your card has expired.", "confirm_card_data", "exp_month"),
    "incorrect_cvc": Decline(
        "incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", "confirm_card_data", "cvc"
    ),
    "processing_error": Decline("processing_error", "processing_error", _SOON, "try_again_later"),
    # guess: the decline code of a charge that Radar has blocked.
    "fraudulent": Decline("card_declined", "fraudulent", _DECLINED, "do_not_try_again"),
    "authentication_required": Decline(
        "authentication_required", "authentication_required", "This card needs the buyer's authentication."
    ),
    "test_mode_live_card": Decline("card_declined", "test_mode_live_card", "In test mode only test cards can pay."),
}
