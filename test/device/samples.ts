// SPDX-License-Identifier: Apache-2.0
/** All samples of the check's rules; every rule has at least one. */
import { argumentSamples } from "./samples/arguments.ts";
import { builtinSamples } from "./samples/builtins.ts";
import { classSamples } from "./samples/classes.ts";
import { orderSamples } from "./samples/order.ts";
import type { Sample } from "./samples/pair.ts";
import { regexpSamples } from "./samples/regexps.ts";
import { syntaxSamples } from "./samples/syntax.ts";

export const samples: Sample[] = [
    ...syntaxSamples,
    ...classSamples,
    ...regexpSamples,
    ...orderSamples,
    ...builtinSamples,
    ...argumentSamples,
];
