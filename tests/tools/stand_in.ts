/**
 * The sandbox's SDKs against the official types: whatever a shop may write for the real one must fit.
 * `requestPayment` is compared by request and by answer, because one function stands for both of its modes.
 */
import type {
  TossPaymentsPayment,
  TossPaymentsSDK,
  TossPaymentsWidgets,
  WidgetAgreementWidget,
  WidgetPaymentMethodWidget,
} from "@tosspayments/tosspayments-sdk";
import type { TossPaymentsConstructor } from "@tosspayments/payment__types/types/tosspayments";

import { TossPayments as older } from "../../webapp/providers/toss/emulator/sdk/v1.js";
import { TossPayments as current } from "../../webapp/providers/toss/emulator/sdk/v2.js";

type Without<T> = Omit<T, "requestPayment">;
type Amount = { value: number; currency: string };
type Answer = { paymentKey: string; orderId: string; amount: Amount };

type OurSdk = ReturnType<typeof current>;
type OurWidgets = ReturnType<OurSdk["widgets"]>;
type OurPayment = ReturnType<OurSdk["payment"]>;

// The constructor and what hangs on it.
export const construct: (clientKey: string) => Record<keyof TossPaymentsSDK, unknown> = current;
export const anonymous: string = current.ANONYMOUS;
export const widgetsFor: (...of: Parameters<TossPaymentsSDK["widgets"]>) => OurWidgets = current("").widgets;
export const paymentFor: (...of: Parameters<TossPaymentsSDK["payment"]>) => OurPayment = current("").payment;

// Everything but requestPayment is the official type.
declare const ourWidgets: OurWidgets;
declare const ourPayment: OurPayment;
export const widgets: Without<TossPaymentsWidgets> = ourWidgets;
export const payment: Without<TossPaymentsPayment> = ourPayment;
export const methods: Promise<WidgetPaymentMethodWidget> = ourWidgets.renderPaymentMethods({ selector: "" });
export const agreement: Promise<WidgetAgreementWidget> = ourWidgets.renderAgreement({ selector: "" });

// Every official request is taken.
type WidgetRequest = Parameters<TossPaymentsWidgets["requestPayment"]>[0];
type WindowRequest = Parameters<TossPaymentsPayment["requestPayment"]>[0];
export const askWidget: (request: WidgetRequest) => Promise<unknown> = ourWidgets.requestPayment;
export const askWindow: (request: WindowRequest) => Promise<unknown> = ourPayment.requestPayment;

// Promise mode answers in the documented shape.
type Answered<F extends (...of: never[]) => unknown> = NonNullable<Awaited<ReturnType<F>>>;
declare const widgetAnswer: Answered<OurWidgets["requestPayment"]>;
declare const windowAnswer: Answered<OurPayment["requestPayment"]>;
export const fromWidget: Answer & { paymentType: "NORMAL" | "BRANDPAY" } = widgetAnswer;
export const fromWindow: Answer = windowAnswer;

// SDK v1, as the older snippets call it.
type Old = ReturnType<TossPaymentsConstructor>;
type OldOrder = { amount: number; orderId: string; orderName: string; successUrl: string; failUrl: string };
declare const ours: ReturnType<typeof older>;
export const oldSdk: (clientKey: string) => Record<keyof Old, unknown> = older;
export const askOld: (method: "카드" | "가상계좌" | "CARD", order: OldOrder) => Promise<unknown> = ours.requestPayment;

// The comparison can fail.
// @ts-expect-error the stand-in has no such member
export const more: Without<TossPaymentsWidgets> & { vanish(): void } = ourWidgets;
// @ts-expect-error a request without an order does not fit
export const less: (request: { amount: Amount }) => Promise<unknown> = ourPayment.requestPayment;
