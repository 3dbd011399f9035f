// SPDX-License-Identifier: Apache-2.0
/**
 * Reads DER (ITU-T X.690) as far as certificates need it, on the desktop: boards leave that to the
 * native core.
 *
 * @module
 */

/** An element of DER. */
export interface Element {
    /** The first byte: class, constructed bit and number. */
    tag: number;
    /** All of it, header included. */
    whole: Buffer;
    /** Its contents. */
    body: Buffer;
}

/** Bytes of the header and of all, as the header says; undefined when there is none. */
const measure = function (data: Buffer): [header: number, all: number] | undefined {
    const first = data[1];
    if (first === undefined) return undefined;
    if (first < 0x80) return [2, 2 + first];
    const bytes = first - 0x80;
    if (bytes < 1 || bytes > 4 || data.length < 2 + bytes) return undefined;
    return [2 + bytes, 2 + bytes + data.readUIntBE(2, bytes)];
};

/** The length that the first element of `data` says it has, header included; undefined for none. */
export const lengthOf = function (data: Buffer): number | undefined {
    return measure(data)?.[1];
};

/** The first element of `data`; undefined when it is damaged or cut off. */
export const first = function (data: Buffer): Element | undefined {
    const [header, all] = measure(data) ?? [0, Infinity];
    if (all > data.length) return undefined;
    return { tag: data[0] ?? 0, whole: data.subarray(0, all), body: data.subarray(header, all) };
};

/** The elements one after the other; undefined when one of them is damaged. */
export const elements = function (data: Buffer): Element[] | undefined {
    const found: Element[] = [];
    for (let rest = data; rest.length > 0; ) {
        const next = first(rest);
        if (next === undefined) return undefined;
        found.push(next);
        rest = rest.subarray(next.whole.length);
    }
    return found;
};

/** Tags in use. */
export const TAG = {
    boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utcTime: 0x17, time: 0x18,
    sequence: 0x30, context0: 0xa0, context3: 0xa3,
} as const;

/** An object identifier with dots; empty when it is none. */
export const oidText = function (element: Element | undefined): string {
    if (element?.tag !== TAG.oid) return "";
    const numbers: number[] = [];
    let value = 0;
    for (const byte of element.body) {
        value = value * 128 + (byte & 127);
        if (byte < 128) {
            numbers.push(value);
            value = 0;
        }
    }
    const [head = 0, ...rest] = numbers;
    const top = Math.min(Math.floor(head / 40), 2);
    return [top, head - 40 * top, ...rest].join(".");
};

/** UTCTime or GeneralizedTime (RFC 5280 section 4.1.2.5) in milliseconds; NaN when it is none. */
export const timeOf = function (element: Element | undefined): number {
    const text = element?.body.toString("latin1") ?? "";
    const short = element?.tag === TAG.utcTime;
    const [, year = "", ...rest] =
        (short ? /^(..)(..)(..)(..)(..)(..)Z$/ : /^(....)(..)(..)(..)(..)(..)Z$/).exec(text) ?? [];
    const [month = 0, day, hour, minute, second] = rest.map(Number);
    const full = short ? Number(year) + (Number(year) < 50 ? 2000 : 1900) : Number(year);
    return rest.length === 5 ? Date.UTC(full, month - 1, day, hour, minute, second) : NaN;
};

/** What of a certificate decides whom it can vouch for: RFC 5280 section 4.1. */
export interface CertificateFields {
    /** Name, with its tag. */
    issuer: Buffer;
    subject: Buffer;
    /** SubjectPublicKeyInfo, with its tag. */
    key: Buffer;
    /** Milliseconds since 1970. */
    notBefore: number;
    notAfter: number;
    /** Contents of the extensions by their identifier. */
    extensions: Map<string, Buffer>;
    /** From basicConstraints. */
    isCa: boolean;
    /** From basicConstraints; undefined: any. */
    pathLength: number | undefined;
}

const readExtensions = function (list: Element | undefined): Map<string, Buffer> | undefined {
    const found = new Map<string, Buffer>();
    const items = list ? elements(first(list.body)?.body ?? Buffer.alloc(0)) : [];
    for (const item of items ?? []) {
        const parts = elements(item.body) ?? [];
        const value = parts.at(-1);
        if (parts[0] && value) found.set(oidText(parts[0]), value.body);
    }
    return items && found;
};

/** Reads a certificate; undefined when it is none. */
export const readCertificate = function (der: Buffer): CertificateFields | undefined {
    const outer = first(der);
    const parts = outer && outer.tag === TAG.sequence ? elements(outer.body) : undefined;
    const fields = elements(parts?.[0]?.body ?? Buffer.alloc(0));
    if (outer?.whole.length !== der.length || parts?.length !== 3 || !fields) return undefined;
    if (fields[0]?.tag === TAG.context0) fields.shift(); // version
    const [serial, , issuer, validity, subject, key, ...more] = fields;
    const [notBefore, notAfter] = (validity && elements(validity.body)?.map(timeOf)) ?? [];
    const extensions = readExtensions(more.find(({ tag }) => tag === TAG.context3));
    const whole = serial?.tag === TAG.integer && subject?.tag === TAG.sequence && key?.tag === TAG.sequence;
    if (!whole || !issuer || !extensions || !notBefore || !notAfter) return undefined;
    const constraints = elements(first(extensions.get("2.5.29.19") ?? Buffer.alloc(0))?.body ?? Buffer.alloc(0));
    const path = constraints?.find(({ tag }) => tag === TAG.integer)?.body;
    return {
        issuer: issuer.whole,
        subject: subject.whole,
        key: key.whole,
        notBefore,
        notAfter,
        extensions,
        isCa: constraints?.[0]?.tag === TAG.boolean && constraints[0].body[0] !== 0,
        pathLength: path ? path.readUIntBE(0, Math.min(path.length, 6)) : undefined,
    };
};
