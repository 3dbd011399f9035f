// SPDX-License-Identifier: Apache-2.0
/**
 * Tells what a file is that is not the certificate or key that it should be: what people mix up,
 * in the words that help them on.
 *
 * @module
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Kind } from "../modules/certificates.ts";
import { reasonOf } from "../modules/errors.ts";
import { elements, first, lengthOf, oidText, TAG } from "./der.ts";
import type { Element } from "./der.ts";
import { faultOf, MAGIC } from "./trust_bundle.ts";

/** What a block of PEM is, by its label: RFC 7468 and OpenSSL's names. */
const LABELS: [pattern: RegExp, meaning: string][] = [
    [/^ENCRYPTED PRIVATE KEY$/, "an encrypted private key; decrypt it first, or give passphrase"],
    [/^OPENSSH PRIVATE KEY$/, "a key in OpenSSH's format; convert it: ssh-keygen -p -m PEM -f FILE"],
    [/^(RSA |EC |DSA |ED25519 )?PRIVATE KEY$/, "a private key"],
    [/REQUEST$/, "a certificate request, not yet signed by a CA"],
    [/PUBLIC KEY$/, "a bare public key"],
    [/^(X509 )?CERTIFICATE$/, "a certificate"],
    [/^TRUSTED CERTIFICATE$/, "a certificate in OpenSSL's TRUSTED form; convert it: openssl x509"],
    [/CRL$/, "a list of revoked certificates"],
    [/^(PKCS7|CMS)$/, "a PKCS#7 container; take the certificates out: openssl pkcs7 -print_certs"],
    [/PARAMETERS$/, "parameters of a key without the key"],
];

/** The beginnings of files that are no certificate, PEM or DER. */
const TEXTS: [pattern: RegExp, meaning: string][] = [
    [/^(\xff\xfe|\xfe\xff)/, "text in UTF-16; save it as UTF-8"],
    [/^\s*<(!doctype html|html)/i, "HTML, perhaps an error page in place of the file"],
    [/^\s*</, "HTML or XML, perhaps an error page in place of the file"],
    [/^\s*[{[]/, "JSON"],
    [/^PK\x03\x04/, "a ZIP archive"],
    [/^\x1f\x8b/, "compressed with gzip"],
    [/^(ssh-|ecdsa-sha2-)/, "an SSH public key"],
    [/^PuTTY-User-Key/, "a key of PuTTY; convert it with puttygen"],
    [/^[ -~\s]*\\n/, "PEM whose line ends are the two characters \\ and n, as in JSON or .env files"],
    [/^\s*(0x)?30[: ]?8[123][: ]?([0-9a-f]{2}[: \r\n]*){8}/i, "a hexadecimal dump; convert it to binary"],
    [/^\s*[A-Za-z0-9_-]*[_-][A-Za-z0-9_-]+=*\s*$/, "base64url; put + for - and / for _"],
];

const isSequence = function (element: Element | undefined): boolean {
    return element?.tag === TAG.sequence;
};

/** The tags of a sequence's members, such as `30 06`; empty when it is none. */
const shapeOf = function (element: Element | undefined): string {
    const members = isSequence(element) && element ? (elements(element.body) ?? []) : [];
    return members.map(({ tag }) => tag.toString(16).padStart(2, "0")).join(" ");
};

/** A SEQUENCE of two SEQUENCEs and a BIT STRING is something signed: RFC 5280 and RFC 2986. */
const describeSigned = function (inner: Element | undefined): string {
    const shape = shapeOf(inner).replace(/^a0 /, "");
    if (/^02 30 30 30 30 30/.test(shape)) return "a certificate";
    if (/^02 30 30 a0/.test(shape)) return "a certificate request, not yet signed by a CA";
    return /^(02 )?30 30 (17|18)/.test(shape) ? "a list of revoked certificates" : "something signed, damaged or of another kind";
};

/** What DER is by its shape: RFC 5958, 8017, 5915, 5280, 5652, 7292. */
const describeDer = function (der: Element): string {
    const shape = shapeOf(der);
    const [one] = elements(der.body) ?? [];
    if (/^30 30 03$/.test(shape)) return describeSigned(one);
    if (/^02 30 04/.test(shape)) return "a private key (PKCS#8)";
    if (/^02( 02){8}/.test(shape)) return "a private key (PKCS#1, RSA)";
    if (/^02 04 a0/.test(shape)) return "a private key (SEC1, EC)";
    if (/^30 04$/.test(shape)) return "an encrypted private key; decrypt it first, or give passphrase";
    if (/^30 03$/.test(shape) || /^02 02$/.test(shape)) return "a bare public key";
    if (/^02 30 30/.test(shape)) return "a PKCS#12 file (.p12, .pfx); convert it: openssl pkcs12 -nodes";
    if (oidText(one).startsWith("1.2.840.113549.1.7")) return "a PKCS#7 container; take the certificates out: openssl pkcs7 -print_certs";
    return "DER, damaged or of another kind";
};

/** Why a certificate or key of the right kind is refused all the same. */
const explainRefusal = function (kind: Kind, der: Buffer): string {
    try {
        if (kind !== "key") {
            const { publicKey } = new X509Certificate(der);
            const type = publicKey.asymmetricKeyDetails?.namedCurve ?? publicKey.asymmetricKeyType;
            return `it is a certificate that is not supported: damaged, signed in a way that is not known, or its key (${type}) is of another kind than RSA, P-256 and P-384`;
        }
        const object = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
        const type = object.asymmetricKeyDetails?.namedCurve ?? object.asymmetricKeyType;
        return `it is a private key of type ${type}; RSA, P-256 and P-384 are supported`;
    } catch (error) {
        return `its contents are damaged (${reasonOf(error)})`;
    }
};

const describeBinary = function (kind: Kind, data: Buffer): string | undefined {
    const length = data[0] === TAG.sequence ? lengthOf(data) : undefined;
    if (length === undefined) return undefined;
    if (length > data.length) return `it is cut off: ${data.length} of ${length} bytes`;
    const der = first(data);
    if (!der) return undefined;
    const what = describeDer(der);
    const right = kind === "key" ? what.startsWith("a private key") : what === "a certificate";
    if (right && length < data.length) return `something follows it: ${data.length - length} bytes`;
    return right ? explainRefusal(kind, data) : `it is ${what}`;
};

const describePem = function (kind: Kind, text: string): string | undefined {
    const begins = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----/g)].map((match) => match[1] ?? "");
    const ends = [...text.matchAll(/-----END ([A-Z0-9 ]+)-----/g)].map((match) => match[1] ?? "");
    if (begins.length === 0) return undefined;
    const lost = begins.find((label, at) => ends[at] !== label);
    if (lost !== undefined) return `it is cut off: no line -----END ${lost}-----`;
    if (kind === "key" && /^Proc-Type: 4,ENCRYPTED/m.test(text)) return "it is encrypted; decrypt it first, or give passphrase";
    const wanted = kind === "key" ? /^(RSA |EC )?PRIVATE KEY$/ : /^(X509 )?CERTIFICATE$/;
    const label = begins.find((one) => wanted.test(one));
    if (label === undefined) {
        const other = begins.find((one) => !one.endsWith("PARAMETERS")) ?? begins[0] ?? "";
        return `it is ${LABELS.find(([pattern]) => pattern.test(other))?.[1] ?? `a PEM block of type ${other}`}`;
    }
    const [, body = ""] = new RegExp(`-----BEGIN ${label}-----([^]*?)-----END`).exec(text) ?? [];
    if (/[^A-Za-z0-9+/=\s]/.test(body)) return "its base64 is damaged";
    return describeBinary(kind, Buffer.from(body, "base64"));
};

/**
 * Describes what was refused as `kind`: the end of a sentence; undefined when nothing is known
 * beyond that.
 *
 * @param data - a binary string
 */
export const describe = function (kind: Kind, data: string): string | undefined {
    const bytes = Buffer.from(data, "latin1");
    if (/^\s*$/.test(data)) return "it is empty";
    if (data.startsWith(MAGIC)) return kind === "key" || kind === "cert" ? "it is a trust bundle" : faultOf(bytes);
    const text = TEXTS.find(([pattern]) => pattern.test(data));
    if (text) return `it is ${text[1]}`;
    const pem = describePem(kind, data.replace(/^\xef\xbb\xbf/, ""));
    if (pem !== undefined) return pem;
    if (/[^\t\n\r -~]/.test(data)) return describeBinary(kind, bytes);
    const plain = /^[A-Za-z0-9+/=\s]*$/.test(data) ? Buffer.from(data, "base64") : undefined;
    return plain && describeBinary(kind, plain);
};
