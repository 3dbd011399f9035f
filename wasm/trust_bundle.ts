// SPDX-License-Identifier: Apache-2.0
/**
 * Makes and reads trust bundles, the compact form of many trust anchors: docs/TRUST-STORE.md
 * describes it, native/src/bundle.c searches it on the board.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { makeError } from "../modules/errors.ts";
import { lengthOf, readCertificate } from "./der.ts";

/** The four bytes that every bundle begins with. */
export const MAGIC = "ETLB";

const VERSION = 1;
const HEADER = 16;
const ENTRY = 12;
const NAME = 7;
const ANY_PATH = 255;
const DAY = 86_400_000;

/** One anchor as a bundle holds it. */
export interface BundleAnchor {
    /** First 7 bytes of the SHA-256 of the subject's DER, hexadecimal. */
    name: string;
    /** Certificate authorities allowed below it, undefined for any number. */
    pathLength: number | undefined;
    /** Midnight before its notAfter, milliseconds since 1970. */
    until: number;
    /** SubjectPublicKeyInfo, DER. */
    key: Buffer;
}

/** CRC-32 of ISO 3309, as in gzip. */
const crc32 = function (...parts: Buffer[]): number {
    let crc = 0xffffffff;
    for (const part of parts) {
        for (const byte of part) {
            crc ^= byte;
            for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
        }
    }
    return ~crc >>> 0;
};

/** How a bundle names a subject. */
export const nameHash = function (subject: Buffer): string {
    return createHash("sha256").update(subject).digest("hex").slice(0, 2 * NAME);
};

const refuse = function (what: string, why: string): never {
    throw makeError("ETLS_BAD_CERTIFICATE", `${what} cannot be put into a trust bundle: ${why}`);
};

const toAnchor = function (der: Buffer, index: number): BundleAnchor {
    const what = `certificate ${index + 1}`;
    const fields = readCertificate(der) ?? refuse(what, "it is damaged");
    if (!fields.isCa) refuse(what, "it is no CA certificate; load it as ca itself");
    // A bundle could not hold these, and to drop them would be to trust more than was meant.
    if (fields.extensions.has("2.5.29.30")) refuse(what, "it has name constraints; load it as ca itself");
    const { pathLength, key } = fields;
    return { name: nameHash(fields.subject), pathLength, until: Math.floor(fields.notAfter / DAY) * DAY, key };
};

/**
 * Puts CA certificates (DER) into a bundle; the same anchor is taken once.
 *
 * @throws TlsError `ETLS_BAD_CERTIFICATE` for one that is damaged, no CA, or has name constraints;
 * `ETLS_BAD_BUNDLE` when they are too many: keys of 128 KB in all.
 */
export const makeBundle = function (certificates: Uint8Array[]): Buffer {
    const all = certificates.map((der, index) => toAnchor(Buffer.from(der), index));
    const known = new Map(all.map((anchor) => [anchor.name + anchor.key.toString("hex"), anchor]));
    const anchors = [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    if (anchors.length === 0) refuse("nothing", "there is no certificate");
    const index = Buffer.alloc(ENTRY * anchors.length);
    const keys: Buffer[] = [];
    let offset = HEADER + index.length;
    anchors.forEach(({ name, pathLength, until, key }, at) => {
        if (offset / 2 > 0xffff) throw makeError("ETLS_BAD_BUNDLE", "a trust bundle holds 128 KB at most");
        index.write(name, ENTRY * at, "hex");
        index.writeUInt8(Math.min(pathLength ?? ANY_PATH, ANY_PATH), ENTRY * at + NAME);
        index.writeUInt16LE(Math.min(until / DAY, 0xffff), ENTRY * at + 8);
        index.writeUInt16LE(offset / 2, ENTRY * at + 10);
        keys.push(key, Buffer.alloc(key.length % 2));
        offset += key.length + (key.length % 2);
    });
    const header = Buffer.alloc(HEADER);
    header.write(MAGIC, "latin1");
    header.writeUInt8(VERSION, 4);
    header.writeUInt16LE(anchors.length, 6);
    header.writeUInt32LE(offset, 8);
    header.writeUInt32LE(crc32(header.subarray(0, 12), index, ...keys), 12);
    return Buffer.concat([header, index, ...keys]);
};

/** What is wrong with a bundle, undefined for nothing. */
export const faultOf = function (bundle: Buffer): string | undefined {
    if (bundle.length < HEADER || bundle.toString("latin1", 0, 4) !== MAGIC) return "it does not begin with ETLB";
    if (bundle[4] !== VERSION) return `it is of version ${bundle[4]}, known is ${VERSION}`;
    const length = bundle.readUInt32LE(8);
    if (length > bundle.length) return `it is cut off: ${bundle.length} of ${length} bytes`;
    if (length < bundle.length) return `something follows it: ${bundle.length} bytes instead of ${length}`;
    const good = crc32(bundle.subarray(0, 12), bundle.subarray(HEADER)) === bundle.readUInt32LE(12);
    return good ? undefined : "it is damaged: its checksum does not fit";
};

/**
 * Reads a bundle.
 *
 * @throws TlsError `ETLS_BAD_BUNDLE`.
 */
export const readBundle = function (bundle: Buffer): BundleAnchor[] {
    const fault = faultOf(bundle);
    if (fault) throw makeError("ETLS_BAD_BUNDLE", `not a trust bundle that can be used: ${fault}`);
    return Array.from({ length: bundle.readUInt16LE(6) }, (_, at) => {
        const entry = bundle.subarray(HEADER + ENTRY * at, HEADER + ENTRY * (at + 1));
        const from = 2 * entry.readUInt16LE(10);
        const path = entry.readUInt8(NAME);
        return {
            name: entry.toString("hex", 0, NAME),
            pathLength: path === ANY_PATH ? undefined : path,
            until: entry.readUInt16LE(8) * DAY,
            key: bundle.subarray(from, from + (lengthOf(bundle.subarray(from)) ?? 0)),
        };
    });
};
