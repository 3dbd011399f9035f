// SPDX-License-Identifier: Apache-2.0
/**
 * Header fields: reading them, and what they say (RFC 9110 §5).
 *
 * @module
 */

import { makeError } from "./errors.ts";
import type { TlsError } from "./errors.ts";

/** Header fields, names in lower case; `set-cookie` is an array, all else is joined by `", "`. */
export interface Fields {
    [name: string]: string | string[] | undefined;
}

/** Makes an error about a message; `code` without `ETLS_HTTP_`. */
export const httpError = function (code: string, what: string): TlsError {
    return makeError("ETLS_HTTP_" + code, "HTTP: " + what);
};

/** Whether a comma-separated field such as `Connection` names a token. */
export const hasToken = function (field: unknown, token: string): boolean {
    return String(field).split(",").some(function (part) {
        return part.trim().toLowerCase() === token;
    });
};

// Functions that are called in one place are there for the reader: in the build for boards they
// become part of it, as every function that is loaded takes memory there. What Espruino does
// itself (a regular expression over a whole header) is a hundred times faster than a loop.

/** The fields of a section; lines that continue a field (RFC 9112 §5.2) are part of it already. */
export const readFields = function (fields: Fields, lines: string[]): void {
    lines.forEach(function (line) {
        const colon = line.indexOf(":");
        const name = line.substr(0, colon).toLowerCase();
        const token = colon > 0 && !/[^!#$%&'*+\-.^_`|~0-9a-z]/.test(name);
        if (!token) throw httpError("SYNTAX", "bad field name");
        // Not trim(): it takes away more than RFC 9110 §5.5 calls white space.
        let from = colon + 1;
        let to = line.length;
        while (line[from] === " " || line[from] === "\t") from++;
        while (to > from && (line[to - 1] === " " || line[to - 1] === "\t")) to--;
        const value = line.substring(from, to);
        // Espruino's memory is not safe against this name.
        if (name === "__proto__") return;
        const known = fields.hasOwnProperty(name) ? fields[name] : undefined;
        if (name === "set-cookie") fields[name] = ((known || []) as string[]).concat([value]);
        else fields[name] = known === undefined ? value : known + ", " + value;
    });
};

/** The same length may stand there several times (RFC 9110 §8.6), different ones may not. */
export const contentLength = function (field: string): string {
    const parts = field.split(",");
    const first = parts[0] as string;
    const other = parts.some(function (part) {
        return part !== first && part !== " " + first;
    });
    if (other || /[^0-9]/.test(first) || !first || first.length > 15) {
        throw httpError("LENGTH", "bad Content-Length " + field);
    }
    return first;
};
