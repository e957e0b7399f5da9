/**
 * The played Stripe.js against the official types: whatever a shop may write for the real one must fit.
 * What the API answers comes from the sandbox's server and is not judged here.
 */
import type {
  Stripe as Official,
  StripeCardElement,
  StripeConstructorOptions,
  StripeElements,
  StripeElementsOptionsClientSecret,
  StripeElementsOptionsMode,
  StripeError,
  StripePaymentElement,
} from "@stripe/stripe-js";

import { makeElement } from "../../webapp/providers/stripe/emulator/sdk/element.js";
import { invalid } from "../../webapp/providers/stripe/emulator/sdk/refusal.js";
import { Stripe } from "../../webapp/providers/stripe/emulator/sdk/stripe.js";

type Ours = ReturnType<typeof Stripe>;
declare const ours: Ours;

// The constructor takes what the official one takes.
export const construct: (key: string, options?: StripeConstructorOptions) => unknown = Stripe;

// Everything that is played is the official call, in each of its forms.
type Played =
  | "confirmPayment"
  | "confirmCardPayment"
  | "retrievePaymentIntent"
  | "handleNextAction"
  | "handleCardAction"
  | "createPaymentMethod"
  | "createConfirmationToken"
  | "paymentRequest"
  | "registerAppInfo";
export const calls: Pick<Official, Played> = ours;

// Both ways to ask for elements, and what the group can do.
type Group = ReturnType<Ours["elements"]>;
declare const group: Group;
export const withSecret: (options?: StripeElementsOptionsClientSecret) => unknown = ours.elements;
export const beforeIntent: (options?: StripeElementsOptionsMode) => unknown = ours.elements;
export const elements: StripeElements = group;

// One shape stands for both elements. The events of things that aren't played are never told.
type Element = ReturnType<typeof makeElement>;
declare const element: Element;
export const payment: StripePaymentElement = element;
export const card: StripeCardElement = element;

// Our own errors have the official shape.
export const error: StripeError = invalid("");

// A page's own use of it, with the official names.
export async function page(stripe: Pick<Official, Played>, place: HTMLElement) {
  const made = elements.create("payment", { layout: "tabs" });
  made.on("change", (event) => event.complete && event.value.type);
  made.mount(place);
  const { error: wrong } = await elements.submit();
  if (wrong?.type === "validation_error") return wrong.message;
  const confirmParams = { return_url: "https://shop.example/back" };
  const answer = await stripe.confirmPayment({ elements, confirmParams, redirect: "if_required" });
  return answer.paymentIntent?.status;
}

// The comparison can fail.
// @ts-expect-error the played Stripe has no such call
export const more: Pick<Official, "confirmSetup"> = ours;
// @ts-expect-error an element without events does not fit
export const less: StripePaymentElement = { mount: element.mount };
// @ts-expect-error such an error does not exist
export const odd: StripeError = { ...invalid(""), type: "card_problem" };
