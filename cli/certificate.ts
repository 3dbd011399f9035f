// SPDX-License-Identifier: Apache-2.0
/**
 * A certificate as the commands about chains need it.
 *
 * @module
 */
import { X509Certificate } from "node:crypto";
import { makeError } from "../modules/errors.ts";
import { readCertificate } from "../wasm/der.ts";
import { harmless } from "./terminal.ts";

/** A certificate, with what is asked of it again and again. */
export interface Certificate {
    der: Buffer;
    x509: X509Certificate;
    /** What people call it: the common name, or what there is. */
    name: string;
    /** The same of its issuer. */
    issuer: string;
    isCa: boolean;
    selfIssued: boolean;
    /** Such as `RSA 2048` or `EC P-256`. */
    key: string;
    /** Milliseconds since 1970. */
    from: number;
    until: number;
    /** SHA-256 of its DER, hexadecimal with colons. */
    fingerprint: string;
    /** Where its issuer's certificate is, if it says so (RFC 5280 section 4.2.2.1). */
    issuerUrl: string | undefined;
}

/** The part of a name that people know: `CN`, else `OU`, else `O`, else all of it. */
const shortName = function (text: string): string {
    const part = (type: string): string | undefined =>
        text.split("\n").find((line) => line.startsWith(`${type}=`))?.slice(type.length + 1);
    const [cn, unit] = [part("CN"), part("OU")];
    // GlobalSign calls its older roots all alike.
    const name = cn === "GlobalSign" ? (unit ?? cn) : (cn ?? unit ?? part("O"));
    return harmless(name ?? text.replaceAll("\n", ", ")) || "(no name)";
};

const CURVES: { [curve: string]: string | undefined } = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };

const keyText = function ({ publicKey }: X509Certificate): string {
    const { modulusLength, namedCurve = "" } = publicKey.asymmetricKeyDetails ?? {};
    if (modulusLength !== undefined) return `RSA ${modulusLength}`;
    return namedCurve ? `EC ${CURVES[namedCurve] ?? namedCurve}` : (publicKey.asymmetricKeyType ?? "?");
};

/** @throws TlsError `ETLS_BAD_CERTIFICATE`. */
export const toCertificate = function (der: Uint8Array, item = "certificate"): Certificate {
    const data = Buffer.from(der);
    const fields = readCertificate(data);
    let x509: X509Certificate | undefined;
    try {
        x509 = new X509Certificate(data);
    } catch {
        // told below
    }
    if (!fields || !x509) throw makeError("ETLS_BAD_CERTIFICATE", `${item} is damaged`);
    const [, issuerUrl] = /CA Issuers - URI:(http:\/\/[!-~]+)/.exec(x509.infoAccess ?? "") ?? [];
    return {
        der: data,
        x509,
        name: shortName(x509.subject ?? ""),
        issuer: shortName(x509.issuer ?? ""),
        isCa: fields.isCa,
        selfIssued: fields.issuer.equals(fields.subject),
        key: keyText(x509),
        from: fields.notBefore,
        until: fields.notAfter,
        fingerprint: x509.fingerprint256,
        issuerUrl,
    };
};

/** Whether one has signed the other. */
export const hasSigned = function (issuer: Certificate, child: Certificate): boolean {
    if (issuer.x509.subject !== child.x509.issuer || !issuer.isCa) return false;
    try {
        return child.x509.verify(issuer.x509.publicKey);
    } catch {
        return false; // another kind of key
    }
};

/** Whether two stand for the same authority: name and key, though signed by different ones. */
export const isSameAuthority = function (a: Certificate, b: Certificate): boolean {
    return a.x509.subject === b.x509.subject && a.x509.publicKey.equals(b.x509.publicKey);
};

/** `2026-11-20`. */
export const day = function (ms: number): string {
    return new Date(ms).toISOString().slice(0, 10);
};
