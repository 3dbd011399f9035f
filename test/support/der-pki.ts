// SPDX-License-Identifier: Apache-2.0
/**
 * Certificates made by hand, in DER, with Node's crypto for the signatures: any shape of chain in
 * a few milliseconds, down to two certificates of one name and key (cross-signed roots), or a name
 * copied byte by byte from another certificate.
 *
 * @module
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";

/** Kinds of keys, as public authorities use them. */
export type KeyType = "RSA-2048" | "RSA-4096" | "P-256" | "P-384";

/** A key pair; kinds are made once and may be shared by certificates. */
export interface KeyPair {
    type: KeyType;
    privateKey: KeyObject;
    /** SubjectPublicKeyInfo. */
    spki: Buffer;
}

/** One element. */
export function tlv(tag: number, ...parts: Uint8Array[]): Buffer {
    const body = Buffer.concat(parts);
    if (body.length < 128) {
        return Buffer.concat([Buffer.of(tag, body.length), body]);
    }
    const digits = body.length.toString(16);
    const length = Buffer.from(digits.length % 2 ? `0${digits}` : digits, "hex");
    return Buffer.concat([Buffer.of(tag, 0x80 + length.length), length, body]);
}

const sequence = (...parts: Uint8Array[]): Buffer => tlv(0x30, ...parts);

/** An object identifier. */
export function oid(text: string): Buffer {
    const [a = 0, b = 0, ...rest] = text.split(".").map(Number);
    const bytes = [40 * a + b, ...rest].flatMap((value) => {
        const digits = [value & 127];
        for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 127) | 128);
        return digits;
    });
    return tlv(6, Buffer.from(bytes));
}

const TYPES: Record<string, string> = { C: "2.5.4.6", O: "2.5.4.10", OU: "2.5.4.11", CN: "2.5.4.3" };

/** A name such as `C=US, O=Internet Security Research Group, CN=ISRG Root X1`. */
export function nameOf(text: string): Buffer {
    return sequence(...text.split(", ").map((part) => {
        const [type = "", value = ""] = part.split("=");
        const string = tlv(type === "C" ? 0x13 : 0x0c, Buffer.from(value));
        return tlv(0x31, sequence(oid(TYPES[type] ?? type), string));
    }));
}

/** Makes a key pair. */
export function makeKey(type: KeyType): KeyPair {
    const pair = type.startsWith("RSA")
        ? generateKeyPairSync("rsa", { modulusLength: Number(type.slice(4)) })
        : generateKeyPairSync("ec", { namedCurve: type });
    return { type, privateKey: pair.privateKey, spki: pair.publicKey.export({ type: "spki", format: "der" }) };
}

/** What a certificate says, and who signs it. */
export interface Content {
    /** As {@link nameOf} takes it, or DER. */
    subject: string | Buffer;
    key: KeyPair;
    /** Signs; left out: self-signed. */
    issuer?: { subject: Buffer; key: KeyPair } | undefined;
    /** First and last day, from today. */
    days?: readonly [number, number];
    /** Certificate authority; with a number, its path length. */
    ca?: boolean | number;
    /** DNS names. */
    names?: string[];
    /** Further extensions: identifier, critical, contents. */
    more?: [identifier: string, critical: boolean, value: Buffer][];
}

/** A certificate that was made. */
export interface Made {
    subject: Buffer;
    key: KeyPair;
    der: Buffer;
    pem: string;
}

const DAY = 86_400_000;

function time(days: number): Buffer {
    const text = new Date(Date.now() + days * DAY).toISOString().replace(/[-:T]|\..*/g, "");
    return Number(text.slice(0, 4)) < 2050 ? tlv(0x17, Buffer.from(`${text.slice(2)}Z`)) : tlv(0x18, Buffer.from(`${text}Z`));
}

const extension = (identifier: string, critical: boolean, value: Buffer): Buffer =>
    sequence(oid(identifier), critical ? tlv(1, Buffer.of(255)) : Buffer.alloc(0), tlv(4, value));

const keyId = (key: KeyPair): Buffer => createHash("sha1").update(key.spki).digest();

function extensions({ ca = false, names = [], key, issuer, more = [] }: Content): Buffer {
    const path = typeof ca === "number" ? tlv(2, Buffer.of(ca)) : Buffer.alloc(0);
    const isCa = ca !== false;
    const list = [
        extension("2.5.29.19", true, sequence(...(isCa ? [tlv(1, Buffer.of(255)), path] : []))),
        extension("2.5.29.15", true, tlv(3, isCa ? Buffer.of(1, 0x06) : Buffer.of(7, 0x80))),
        extension("2.5.29.14", false, tlv(4, keyId(key))),
        extension("2.5.29.35", false, sequence(tlv(0x80, keyId(issuer?.key ?? key)))),
    ];
    if (!isCa) list.push(extension("2.5.29.37", false, sequence(oid("1.3.6.1.5.5.7.3.1"))));
    if (names.length > 0) {
        const dns = names.map((name) => tlv(0x82, Buffer.from(name)));
        list.push(extension("2.5.29.17", false, sequence(...dns)));
    }
    list.push(...more.map((one) => extension(...one)));
    return tlv(0xa3, sequence(...list));
}

/** SHA-384 by P-384 and SHA-256 by all others, as public authorities do. */
const ALGORITHMS: Record<KeyType, [hash: string, identifier: Buffer]> = {
    "RSA-2048": ["sha256", sequence(oid("1.2.840.113549.1.1.11"), tlv(5))],
    "RSA-4096": ["sha256", sequence(oid("1.2.840.113549.1.1.11"), tlv(5))],
    "P-256": ["sha256", sequence(oid("1.2.840.10045.4.3.2"))],
    "P-384": ["sha384", sequence(oid("1.2.840.10045.4.3.3"))],
};

/** Any DER as PEM. */
export function toPem(der: Uint8Array, label = "CERTIFICATE"): string {
    const lines = Buffer.from(der).toString("base64").match(/.{1,64}/g) ?? [];
    return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/** Makes a certificate (RFC 5280). */
export function issue(content: Content): Made {
    const subject = typeof content.subject === "string" ? nameOf(content.subject) : content.subject;
    const signer = content.issuer ?? { subject, key: content.key };
    const [hash, algorithm] = ALGORITHMS[signer.key.type];
    const [from, to] = content.days ?? (content.ca === undefined ? [-1, 60] : [-400, 1200]);
    const serial = randomBytes(12);
    serial[0] = (serial[0]! & 0x3f) | 0x40;
    const body = sequence(
        tlv(0xa0, tlv(2, Buffer.of(2))), tlv(2, serial), algorithm, signer.subject,
        sequence(time(from), time(to)), subject, content.key.spki, extensions(content),
    );
    const signature = sign(hash, body, signer.key.privateKey);
    const der = sequence(body, algorithm, tlv(3, Buffer.of(0), signature));
    return { subject, key: content.key, der, pem: toPem(der) };
}

/** The private key of a certificate, PEM. */
export const keyPem = (made: Made): string =>
    made.key.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
