// SPDX-License-Identifier: Apache-2.0
/**
 * Loading certificates and keys: whatever a program gives becomes DER for the native core.
 *
 * Taken are PEM (RFC 7468; several in one text, anything around them), DER, base64 of DER without
 * armour as Espruino programs have it, a trust bundle, the name of a file, a function returning any
 * of these, and arrays of them.
 *
 * @module
 */

import { toBinary } from "./bytes.ts";
import { failure } from "./errors.ts";
import { ERR_BAD_CERTIFICATE, ERR_BAD_KEY } from "./errors.gen.ts";
import type { Host } from "./host.ts";

/** One item or several, as options `ca`, `extraCA`, `cert` and `key` take them. */
export type Loadable = string | Uint8Array | Loadable[] | (() => Loadable);

/** What is being loaded. */
export type Kind = "ca" | "extraCA" | "cert" | "key";

// Regular expressions throughout: Espruino's indexOf also finds a text that is cut off by the end.
const BEGIN = /-----BEGIN ([A-Z0-9 ]+)-----/;
const END = /-----END ([A-Z0-9 ]+)-----/;

/** Magic of a trust bundle (docs/TRUST-STORE.md), which is passed on whole. */
const BUNDLE = "ETLB";

/** What the loader needs of its host. */
export type Source = Pick<Host, "readFile" | "describe">;

/**
 * Refuses an item. What it looks like instead is told by the host, where it can: the knowledge
 * of everything that a file might be has no place on a board.
 */
const refuse = function (source: Source, kind: Kind, item: string, text: string | undefined, detail: string): never {
    const looks = source.describe && text !== undefined ? source.describe(kind, text) : undefined;
    throw failure(kind === "key" ? ERR_BAD_KEY : ERR_BAD_CERTIFICATE, { item, detail: looks || detail });
};

const isWanted = function (kind: Kind, label: string): boolean {
    if (kind === "key") {
        return label === "PRIVATE KEY" || label === "RSA PRIVATE KEY" || label === "EC PRIVATE KEY";
    }
    return label === "CERTIFICATE" || label === "X509 CERTIFICATE";
};

/** Length that the outermost DER element says it has, header included; 0 when it is none. */
const derLength = function (text: string, at: number): number {
    if (text.charCodeAt(at) !== 0x30) return 0;
    const first = text.charCodeAt(at + 1);
    if (first < 0x80) return 2 + first;
    const bytes = first - 0x80;
    if (bytes < 1 || bytes > 3) return 0;
    let length = 0;
    for (let i = 0; i < bytes; i += 1) length = length * 256 + text.charCodeAt(at + 2 + i);
    return 2 + bytes + length;
};

const splitDer = function (source: Source, kind: Kind, item: string, text: string): string[] {
    const found: string[] = [];
    let at = 0;
    while (at < text.length) {
        const length = derLength(text, at);
        if (length === 0) refuse(source, kind, item, text, "its DER does not begin with a SEQUENCE");
        if (at + length > text.length) {
            const detail = "it is cut off: " + (text.length - at) + " of " + length + " bytes";
            refuse(source, kind, item, text, detail);
        }
        found.push(text.substr(at, length));
        at += length;
    }
    return found;
};

const decodeBase64 = function (source: Source, kind: Kind, item: string, text: string): string {
    const bare = text.replace(/[\r\n\t ]/g, "");
    let der = "";
    try {
        if (!/[^A-Za-z0-9+\/=]/.test(bare)) der = atob(bare);
    } catch (error) {
        // as an empty one
    }
    if (der === "") refuse(source, kind, item, text, "its base64 is damaged");
    return der;
};

const splitPem = function (source: Source, kind: Kind, item: string, text: string): string[] {
    let found: string[] = [];
    let other = "";
    let rest = text;
    for (let begin = BEGIN.exec(rest); begin; begin = BEGIN.exec(rest)) {
        const label = begin[1] as string;
        rest = rest.substr(begin.index + begin[0].length);
        const end = END.exec(rest);
        if (!end || end[1] !== label) {
            return refuse(source, kind, item, text, "it is cut off: no END line");
        }
        const body = rest.substr(0, end.index);
        rest = rest.substr(end.index + end[0].length);
        if (isWanted(kind, label)) {
            if (/ENCRYPTED/.test(body)) {
                refuse(source, kind, item, text, "it is encrypted; decrypt it first");
            }
            const der = decodeBase64(source, kind, item, body);
            found = found.concat(splitDer(source, kind, item, der));
        } else {
            other = other || label;
        }
    }
    if (found.length === 0) refuse(source, kind, item, text, "it is PEM of type " + other);
    return found;
};

const isText = function (text: string): boolean {
    return !/[^\t\n\r -~]/.test(text);
};

const loadString = function (source: Source, kind: Kind, item: string, text: string): string[] {
    const printable = isText(text);
    // First, as it is the longest.
    if (text.substr(0, 4) === BUNDLE && kind !== "cert" && kind !== "key" && !printable) return [text];
    if (BEGIN.test(text)) return splitPem(source, kind, item, text);
    if (text.charCodeAt(0) === 0x30 && !printable) return splitDer(source, kind, item, text);
    if (text.length <= 100 && printable && text !== "") {
        const file = source.readFile(text);
        if (file !== undefined) return loadString(source, kind, item + " (file " + text + ")", file);
        refuse(source, kind, item, text, "there is no file " + text);
    }
    if (!printable || text === "") refuse(source, kind, item, text, "it is neither PEM, DER nor base64");
    const der = decodeBase64(source, kind, item, text);
    if (derLength(der, 0) === 0) refuse(source, kind, item, text, "its base64 holds no DER");
    return splitDer(source, kind, item, der);
};

const load = function (source: Source, kind: Kind, item: string, value: Loadable): string[] {
    if (typeof value === "function") return load(source, kind, item, value());
    if (typeof value === "string") return loadString(source, kind, item, value);
    if (Array.isArray(value)) {
        let found: string[] = [];
        value.forEach(function (one, index) {
            found = found.concat(load(source, kind, item + "[" + index + "]", one));
        });
        return found;
    }
    if (value && typeof value.length === "number") {
        return loadString(source, kind, item, toBinary(value));
    }
    return refuse(source, kind, item, undefined, "it is neither text, bytes, a function nor an array of these");
};

/**
 * Turns an option's value into DER, one binary string for each certificate, key or trust bundle.
 *
 * @throws TlsError `ETLS_BAD_CERTIFICATE` or `ETLS_BAD_KEY`, naming the item and what it looks
 * like instead.
 */
export const loadDer = function (source: Source, kind: Kind, value: Loadable): string[] {
    return load(source, kind, kind, value);
};
