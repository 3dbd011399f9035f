// SPDX-License-Identifier: Apache-2.0
/**
 * Errors with a code.
 *
 * @module
 */

import { ERR_PEER_ALERT } from "./errors.gen.ts";
import { SENTENCES } from "./sentences.gen.ts";

/** What every failure is: a plain `Error` with a stable name of its cause. */
export interface TlsError extends Error {
    /** A stable name such as `ETLS_CERT_EXPIRED`. */
    code: string;
    /** The native core's negative number, where the failure came from there. */
    errno?: number;
}

/** What an error's sentence is filled with. */
export interface Values {
    [name: string]: string | number | undefined;
}

/** Makes an error; a plain `Error` with fields, since Espruino cannot extend `Error`. */
export const makeError = function (code: string, message: string, errno?: number): TlsError {
    const error = new Error(message) as TlsError;
    error.code = code;
    if (errno !== undefined) error.errno = errno;
    return error;
};

/** Puts values into a sentence's {places}; what is not known is "unknown". */
const fill = function (sentence: string, values: Values): string {
    let text = "";
    let at = 0;
    for (;;) {
        const open = sentence.indexOf("{", at);
        if (open < 0) return text + sentence.substr(at);
        const close = sentence.indexOf("}", open);
        const value = values[sentence.substring(open + 1, close)];
        text += sentence.substring(at, open) + (value === undefined ? "unknown" : value);
        at = close + 1;
    }
};

/** What the table has for a key, name and sentence; undefined when it has nothing. */
const lookUp = function (key: string): { name: string; sentence: string } | undefined {
    const at = SENTENCES.lastIndexOf("\n" + key + " ");
    if (at < 0) return undefined;
    const from = at + key.length + 2;
    const line = SENTENCES.substring(from, SENTENCES.indexOf("\n", from));
    const space = (line + " ").indexOf(" ");
    return { name: line.substr(0, space), sentence: line.substr(space + 1) };
};

/** Makes the error of a code of the native core, see native/include/etls_errors.h. */
export const failure = function (errno: number, values: Values): TlsError {
    if (errno <= ERR_PEER_ALERT) {
        const number = ERR_PEER_ALERT - errno;
        const alert = lookUp("a" + number);
        const name = alert ? alert.name : "" + number;
        const text =
            "the peer ended the connection with alert " + number +
            (alert ? " (" + name.toLowerCase() + "): " + alert.sentence : "");
        return makeError("ETLS_ALERT_" + name, text, errno);
    }
    const entry = lookUp("" + errno) || { name: "UNKNOWN", sentence: "unknown error " + errno };
    return makeError("ETLS_" + entry.name, fill(entry.sentence, values), errno);
};

/** What somebody else's error says: its message, or itself as text. */
export const reasonOf = function (error: unknown): string {
    return error && (error as Error).message ? (error as Error).message : "" + error;
};

/** The names of certificate flags, such as `EXPIRED, NOT_TRUSTED`. */
export const flagNames = function (flags: number): string {
    let names = "";
    for (let bit = 1; bit > 0 && bit <= flags; bit *= 2) {
        const entry = flags & bit ? lookUp("f" + bit) : undefined;
        if (entry) names += (names ? ", " : "") + entry.name;
    }
    return names;
};

/** A span of time for people, from milliseconds: `3 days`, `5 hours`, `2 minutes`. */
export const span = function (ms: number): string {
    const minutes = Math.floor(ms / 60000);
    const hours = Math.floor(minutes / 60);
    const days = Math.floor(hours / 24);
    if (days >= 2) return days + " days";
    if (hours >= 2) return hours + " hours";
    return minutes === 1 ? "1 minute" : minutes + " minutes";
};
