// SPDX-License-Identifier: Apache-2.0
/**
 * Binary strings: one character is one byte, as in Espruino.
 *
 * @module
 */

import { makeError } from "./errors.ts";

/**
 * Turns what a program gives as data into a binary string.
 *
 * @throws `ETLS_NOT_BYTES` for a string with characters above U+00FF: text has to be encoded
 * first, and guessing an encoding would send something else for `é` than for `€`.
 */
export const toBinary = function (data: string | Uint8Array): string {
    if (typeof data === "string") {
        // Espruino's ranges must not cross 0x80, and \0 cannot begin one.
        if (/[^\x01-\x7f\x80-\xff\0]/.test(data)) {
            throw makeError(
                "ETLS_NOT_BYTES",
                "data has characters above U+00FF: a string is taken as bytes, encode text first",
            );
        }
        return data;
    }
    let text = "";
    // Espruino's apply takes 256 arguments at most, and its subarray reads beyond the end.
    for (let at = 0; at < data.length; at += 256) {
        const piece: unknown = data.subarray(at, Math.min(at + 256, data.length));
        text += String.fromCharCode.apply(null, piece as number[]);
    }
    return text;
};
