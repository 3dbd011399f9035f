// SPDX-License-Identifier: Apache-2.0
/**
 * The roots of the public web, from Node's own store (Mozilla's list), and the selection that a
 * board carries.
 *
 * @module
 */
import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { makeBundle } from "./trust_bundle.ts";

/**
 * Common names (or names of the unit, where a root has no other) of the roots in the common
 * bundle. The first block is the selection "common" of ESP-IDF (its documentation "ESP x509
 * Certificate Bundle": the authorities above 1 % in W3Techs' survey of SSL certificate
 * authorities, 99 % of the market); the second adds, where there was room in 14,000 bytes, roots
 * that large hosters use beside those.
 */
export const COMMON_ROOTS: readonly string[] = [
    "Amazon Root CA 1", "Amazon Root CA 2", "Amazon Root CA 3", "Amazon Root CA 4",
    "Starfield Services Root Certificate Authority - G2",
    "DigiCert Assured ID Root CA", "DigiCert Assured ID Root G2", "DigiCert Assured ID Root G3",
    "DigiCert Global Root CA", "DigiCert Global Root G2", "DigiCert Global Root G3",
    "DigiCert High Assurance EV Root CA", "DigiCert TLS ECC P384 Root G5",
    "DigiCert TLS RSA4096 Root G5", "DigiCert Trusted Root G4",
    "GlobalSign ECC Root CA - R4", "GlobalSign ECC Root CA - R5", "GlobalSign Root CA - R3",
    "GlobalSign Root CA - R6", "GlobalSign Root E46", "GlobalSign Root R46",
    "Go Daddy Root Certificate Authority - G2", "Starfield Root Certificate Authority - G2",
    "GTS Root R1", "GTS Root R2", "GTS Root R3", "GTS Root R4",
    "IdenTrust Commercial Root CA 1", "IdenTrust Public Sector Root CA 1",
    "ISRG Root X1", "ISRG Root X2",
    "COMODO Certification Authority", "COMODO ECC Certification Authority",
    "COMODO RSA Certification Authority", "Sectigo Public Server Authentication Root E46",
    "Sectigo Public Server Authentication Root R46", "USERTrust ECC Certification Authority",
    "USERTrust RSA Certification Authority",
    // Home.pl and others; Cloudflare; Azure.
    "Certum Trusted Network CA", "SSL.com TLS RSA Root CA 2022", "SSL.com TLS ECC Root CA 2022",
    "SSL.com Root Certification Authority ECC", "Microsoft ECC Root Certificate Authority 2017",
];

/** A root of Node's store. */
export interface Root {
    /** What people call it. */
    name: string;
    der: Buffer;
}

let roots: Root[] | undefined;

/** All roots of Node's store. */
export const allRoots = function (): Root[] {
    roots ??= rootCertificates.map((pem) => {
        const { subject, raw } = new X509Certificate(pem);
        const part = (type: string): string | undefined =>
            subject.split("\n").find((line) => line.startsWith(`${type}=`))?.slice(type.length + 1);
        const [cn, unit] = [part("CN"), part("OU")];
        // GlobalSign calls all of its older roots alike, and tells them apart by the unit.
        const name = (cn === "GlobalSign" ? unit : cn) ?? unit ?? subject;
        return { name, der: raw };
    });
    return roots;
};

/** The roots of the common bundle, as far as this Node has them. */
export const commonRoots = function (): Root[] {
    return allRoots().filter(({ name }) => COMMON_ROOTS.includes(name));
};

/** Which of the two selections. */
export type RootSelection = "common" | "all";

const made = new Map<RootSelection, Buffer>();

/** A selection as trust bundle; made once. */
export const rootBundle = function (selection: RootSelection): Buffer {
    const bundle = made.get(selection) ?? makeBundle((selection === "all" ? allRoots() : commonRoots()).map(({ der }) => der));
    made.set(selection, bundle);
    return bundle;
};
