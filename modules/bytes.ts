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
    for (let at = 0; at < data.length; at += 1024) {
        const piece: unknown = data.subarray(at, at + 1024);
        text += String.fromCharCode.apply(null, piece as number[]);
    }
    return text;
};
