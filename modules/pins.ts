// SPDX-License-Identifier: Apache-2.0
/**
 * Pinned public keys: RFC 7469 section 2.4, as curl writes them.
 *
 * @module
 */
import { failure } from "./errors.ts";
import { ERR_BAD_OPTION } from "./errors.gen.ts";

/**
 * Splits `sha256//BASE64;sha256//BASE64`, each the SHA-256 of a SubjectPublicKeyInfo's DER.
 *
 * @throws TlsError `ETLS_BAD_OPTION`
 */
export const parsePins = function (text: string): string[] {
    const pins = text.split(";");
    pins.forEach(function (pin) {
        if (!/^sha256\/\/[A-Za-z0-9+\/]+=$/.test(pin) || pin.length !== 52) {
            throw failure(ERR_BAD_OPTION, { detail: "pinnedPubkey " + pin + "; known is sha256//BASE64" });
        }
    });
    return pins;
};
