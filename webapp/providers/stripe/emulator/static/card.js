// @ts-check
/** The Card Element's frame: one line. */

import { cardState } from "./fields.js";
import { playForm } from "./form.js";

playForm({ kind: () => "card", event: () => ({ ...cardState(), value: { postalCode: "" } }) });
