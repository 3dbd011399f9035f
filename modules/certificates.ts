// SPDX-License-Identifier: Apache-2.0
/**
 * Loading certificates and keys: whatever a program gives becomes DER for the native core.
 *
 * Taken are PEM (RFC 7468; several in one text, anything around them), DER, base64 of DER without
 * armour as Espruino programs have it, the name of a file, a function returning any of these, and
 * arrays of them.
 *
 * @module
 */

import { toBinary } from "./bytes.ts";
import { failure } from "./errors.ts";
import { ERR_BAD_CERTIFICATE, ERR_BAD_KEY } from "./errors.gen.ts";
import type { Host } from "./host.ts";

/** One item or several, as options `ca`, `cert` and `key` take them. */
export type Loadable = string | Uint8Array | Loadable[] | (() => Loadable);

/** What is being loaded. */
export type Kind = "ca" | "cert" | "key";

// Regular expressions throughout: Espruino's indexOf also finds a text that is cut off by the end.
const BEGIN = /-----BEGIN ([A-Z0-9 ]+)-----/;
const END = /-----END ([A-Z0-9 ]+)-----/;

const refuse = function (kind: Kind, item: string, detail: string): never {
    throw failure(kind === "key" ? ERR_BAD_KEY : ERR_BAD_CERTIFICATE, { item, detail });
};

/** What a PEM label is, when it is not what was asked for. */
const describeLabel = function (label: string): string {
    if (/ENCRYPTED/.test(label)) return "an encrypted private key; decrypt it first";
    if (/PRIVATE KEY/.test(label)) return "a private key";
    if (/REQUEST/.test(label)) return "a certificate request, not yet signed by a CA";
    if (/PUBLIC KEY/.test(label)) return "a bare public key";
    if (/CERTIFICATE/.test(label)) return "a certificate";
    return "a PEM block of type " + label;
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

const splitDer = function (kind: Kind, item: string, text: string): string[] {
    const found: string[] = [];
    let at = 0;
    while (at < text.length) {
        const length = derLength(text, at);
        if (length === 0) refuse(kind, item, "its DER does not begin with a SEQUENCE");
        if (at + length > text.length) {
            refuse(kind, item, "it is cut off: " + (text.length - at) + " of " + length + " bytes");
        }
        found.push(text.substr(at, length));
        at += length;
    }
    return found;
};

const decodeBase64 = function (kind: Kind, item: string, text: string): string {
    const bare = text.replace(/[\r\n\t ]/g, "");
    if (bare === "" || /[^A-Za-z0-9+\/=]/.test(bare)) refuse(kind, item, "its base64 is damaged");
    let der = "";
    try {
        der = atob(bare);
    } catch (error) {
        refuse(kind, item, "its base64 is damaged");
    }
    return der;
};

const splitPem = function (kind: Kind, item: string, text: string): string[] {
    let found: string[] = [];
    let other = "";
    let rest = text;
    for (let begin = BEGIN.exec(rest); begin; begin = BEGIN.exec(rest)) {
        const label = begin[1] as string;
        rest = rest.substr(begin.index + begin[0].length);
        const end = END.exec(rest);
        if (!end || end[1] !== label) return refuse(kind, item, "it is cut off: no END line");
        const body = rest.substr(0, end.index);
        rest = rest.substr(end.index + end[0].length);
        if (isWanted(kind, label)) {
            if (/ENCRYPTED/.test(body)) refuse(kind, item, "it is encrypted; decrypt it first");
            found = found.concat(splitDer(kind, item, decodeBase64(kind, item, body)));
        } else if (label !== "EC PARAMETERS" && other === "") {
            other = describeLabel(label);
        }
    }
    if (found.length === 0) refuse(kind, item, "it holds " + (other || "nothing"));
    return found;
};

const isText = function (text: string): boolean {
    return !/[^\t\n\r -~]/.test(text);
};

const loadString = function (host: Pick<Host, "readFile">, kind: Kind, item: string, text: string): string[] {
    if (BEGIN.test(text)) return splitPem(kind, item, text);
    if (text.charCodeAt(0) === 0x30 && !isText(text)) return splitDer(kind, item, text);
    if (text === "") return refuse(kind, item, "it is empty");
    if (text.length <= 100 && isText(text)) {
        const file = host.readFile(text);
        if (file !== undefined) return loadString(host, kind, item + " (file " + text + ")", file);
        refuse(kind, item, "there is no file " + text);
    }
    if (/^[\r\n\t ]*</.test(text)) refuse(kind, item, "it is HTML or XML, perhaps an error page");
    if (!isText(text)) refuse(kind, item, "it is binary but not DER");
    const der = decodeBase64(kind, item, text);
    return splitDer(kind, item, der);
};

const load = function (host: Pick<Host, "readFile">, kind: Kind, item: string, value: Loadable): string[] {
    if (typeof value === "function") return load(host, kind, item, value());
    if (typeof value === "string") return loadString(host, kind, item, value);
    if (Array.isArray(value)) {
        let found: string[] = [];
        value.forEach(function (one, index) {
            found = found.concat(load(host, kind, kind + "[" + index + "]", one));
        });
        return found;
    }
    if (value && typeof value.length === "number") {
        return loadString(host, kind, item, toBinary(value));
    }
    return refuse(kind, item, "it is neither text, bytes, a function nor an array of these");
};

/**
 * Turns an option's value into DER, one binary string for each certificate or key.
 *
 * @throws TlsError `ETLS_BAD_CERTIFICATE` or `ETLS_BAD_KEY`, naming the item and what it looks
 * like instead.
 */
export const loadDer = function (host: Pick<Host, "readFile">, kind: Kind, value: Loadable): string[] {
    return load(host, kind, kind, value);
};
