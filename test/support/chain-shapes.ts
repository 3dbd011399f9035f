// SPDX-License-Identifier: Apache-2.0
/**
 * Chains of the shapes that public servers send: key types, depths, extensions and cross-signatures
 * are those of the authorities named, the keys are ours.
 *
 * @module
 */
import { issue, makeKey, oid, tlv } from "./der-pki.ts";
import type { Content, KeyPair, KeyType, Made } from "./der-pki.ts";

/** One server's chain, and what should become of it. */
export interface ChainShape {
    /** What it is like. */
    title: string;
    host: string;
    /** As the server sends it. */
    sent: Made[];
    /** Whose key the server has: the first one. */
    leaf: Made;
    /** The roots that a client knows. */
    store: Made[];
    /** The common name of the certificate to load; undefined: none can be named. */
    anchor: string | undefined;
    /** The error of a client that trusts the store; undefined: it is verified. */
    refused?: string;
    /** OpenSSL takes the first issuer of the right name, and does not go back to try another. */
    opensslRefuses?: true;
    /** What `ca fetch` has to warn of. */
    warns?: RegExp;
}

/** An authority's name as in its real certificates, in short. */
const NAMES = {
    isrgX1: "C=US, O=Internet Security Research Group, CN=ISRG Root X1",
    isrgX2: "C=US, O=Internet Security Research Group, CN=ISRG Root X2",
    dst: "O=Digital Signature Trust Co., CN=DST Root CA X3",
    gtsR1: "C=US, O=Google Trust Services LLC, CN=GTS Root R1",
    gtsR4: "C=US, O=Google Trust Services LLC, CN=GTS Root R4",
    globalSign: "C=BE, O=GlobalSign nv-sa, OU=Root CA, CN=GlobalSign Root CA",
    amazon1: "C=US, O=Amazon, CN=Amazon Root CA 1",
    starfieldG2: "C=US, ST=Arizona, CN=Starfield Services Root Certificate Authority - G2",
    starfield2: "C=US, OU=Starfield Class 2 Certification Authority",
    digicertG2: "C=US, O=DigiCert Inc, OU=www.digicert.com, CN=DigiCert Global Root G2",
    usertrust: "C=US, O=The USERTRUST Network, CN=USERTrust RSA Certification Authority",
    aaa: "C=GB, O=Comodo CA Limited, CN=AAA Certificate Services",
    sslEcc: "C=US, O=SSL Corporation, CN=SSL.com TLS ECC Root CA 2022",
} as const;

type RootName = keyof typeof NAMES;

const KEYS: Record<RootName, KeyType> = {
    isrgX1: "RSA-4096", isrgX2: "P-384", dst: "RSA-2048", gtsR1: "RSA-4096", gtsR4: "P-384",
    globalSign: "RSA-2048", amazon1: "RSA-2048", starfieldG2: "RSA-2048", starfield2: "RSA-2048",
    digicertG2: "RSA-2048", usertrust: "RSA-4096", aaa: "RSA-2048", sslEcc: "P-384",
};

/** A URL of the issuer's certificate: RFC 5280 section 4.2.2.1. */
function issuerUrl(url: string): NonNullable<Content["more"]>[number] {
    const access = tlv(0x30, oid("1.3.6.1.5.5.7.48.2"), tlv(0x86, Buffer.from(url)));
    return ["1.3.6.1.5.5.7.1.1", false, tlv(0x30, access)];
}

/** A root, an intermediate and a leaf at a time; keys of one type are shared, since names differ. */
export class ShapeMaker {
    private readonly keys = new Map<string, KeyPair>();
    private readonly roots = new Map<RootName, Made>();

    private key(type: KeyType, use: string): KeyPair {
        // Three pairs of each kind: making RSA-4096 takes a second.
        const name = type === "RSA-4096" ? type : `${type} ${use}`;
        const key = this.keys.get(name) ?? makeKey(type);
        this.keys.set(name, key);
        return key;
    }

    root(name: RootName): Made {
        const type = KEYS[name];
        const days = name === "dst" || name === "starfield2" ? ([-5000, -100] as const) : ([-2000, 3000] as const);
        const made = this.roots.get(name) ?? issue({ subject: NAMES[name], key: this.key(type, "root"), ca: true, days });
        this.roots.set(name, made);
        return made;
    }

    /** A root's name and key, signed by another root. */
    cross(name: RootName, by: RootName, days: readonly [number, number] = [-1000, 500]): Made {
        const { subject, key } = this.root(name);
        return issue({ subject, key, issuer: this.root(by), ca: true, days });
    }

    intermediate(cn: string, type: KeyType, issuer: Made): Made {
        return issue({ subject: `C=US, O=An authority, CN=${cn}`, key: this.key(type, "intermediate"), issuer, ca: 0, days: [-300, 700] });
    }

    /** One that may issue for other authorities. */
    transit(cn: string, type: KeyType, issuer: Made): Made {
        return issue({ subject: `C=US, O=An authority, CN=${cn}`, key: this.key(type, "transit"), issuer, ca: 1, days: [-300, 700] });
    }

    leaf(host: string, type: KeyType, issuer: Made | undefined, url?: string): Made {
        const more = url === undefined ? {} : { more: [issuerUrl(url)] };
        return issue({ subject: `CN=${host}`, key: this.key(type, "leaf"), issuer, names: [host], days: [-30, 60], ...more });
    }
}

function letsEncrypt(make: ShapeMaker): ChainShape[] {
    const [x1, x2] = [make.root("isrgX1"), make.root("isrgX2")];
    const r11 = make.intermediate("R11", "RSA-2048", x1);
    const r3 = make.intermediate("R3", "RSA-2048", x1);
    const e5 = make.intermediate("E5", "P-384", x2);
    const e5ByX1 = make.intermediate("E5", "P-384", x1);
    const x1ByDst = make.cross("isrgX1", "dst", [-2000, -50]);
    const x2ByX1 = make.cross("isrgX2", "isrgX1");
    const host = "le.example.test";
    const rsa = make.leaf(host, "RSA-2048", r11);
    const old = make.leaf(host, "RSA-2048", r3);
    const ec = make.leaf(host, "P-256", e5);
    const store = [x1, x2];
    const crossed = /ISRG Root X\d is sent as signed by/;
    const wildcard = make.leaf("*.s1.eu.hivemq.test", "RSA-2048", r3);
    return [
        { title: "Let's Encrypt, RSA", host, leaf: rsa, sent: [rsa, r11], store, anchor: "ISRG Root X1" },
        { title: "Let's Encrypt, RSA, the root cross-signed by one that has expired", host, leaf: old, sent: [old, r3, x1ByDst], store, anchor: "ISRG Root X1", warns: crossed },
        { title: "the same for a client that also has the expired root", host, leaf: old, sent: [old, r3, x1ByDst], store: [make.root("dst"), ...store], anchor: "ISRG Root X1", warns: crossed },
        { title: "the same for a client that has the expired root alone", host, leaf: old, sent: [old, r3, x1ByDst], store: [make.root("dst")], anchor: "DST Root CA X3", refused: "ETLS_CERT_EXPIRED", warns: /DST Root CA X3 expired/ },
        { title: "Let's Encrypt, ECDSA", host, leaf: ec, sent: [ec, e5], store, anchor: "ISRG Root X2" },
        { title: "Let's Encrypt, ECDSA, the root cross-signed by X1", host, leaf: ec, sent: [ec, e5, x2ByX1], store, anchor: "ISRG Root X2", warns: crossed },
        { title: "the same for a client that has X1 alone", host, leaf: ec, sent: [ec, e5, x2ByX1], store: [x1], anchor: "ISRG Root X1" },
        { title: "Let's Encrypt, ECDSA, the intermediate cross-signed by X1", host, leaf: ec, sent: [ec, e5ByX1], store: [x1], anchor: "ISRG Root X1" },
        { title: "both variants of the intermediate", host, leaf: ec, sent: [ec, e5, e5ByX1], store: [x1], anchor: "ISRG Root X1", opensslRefuses: true, warns: /number 2, E5, / },
        { title: "HiveMQ Cloud's three certificates", host: "abc123.s1.eu.hivemq.test", leaf: wildcard, sent: [wildcard, r3, x1ByDst], store, anchor: "ISRG Root X1", warns: crossed },
        { title: "the same, asked for another name", host: "a.b.s1.eu.hivemq.test", leaf: wildcard, sent: [wildcard, r3, x1ByDst], store, anchor: "ISRG Root X1", refused: "ETLS_CERT_NAME_MISMATCH" },
    ];
}

function hosters(make: ShapeMaker): ChainShape[] {
    const host = "www.example.test";
    const [r1, r4, ssl] = [make.root("gtsR1"), make.root("gtsR4"), make.root("sslEcc")];
    const [wr2, we1] = [make.intermediate("WR2", "RSA-2048", r1), make.intermediate("WE1", "P-256", r4)];
    const m02 = make.intermediate("Amazon RSA 2048 M02", "RSA-2048", make.root("amazon1"));
    const sectigo = make.intermediate("Sectigo RSA Domain Validation Secure Server CA", "RSA-2048", make.root("usertrust"));
    const transit = make.transit("SSL.com TLS Transit ECC CA R2", "P-384", ssl);
    const cloudflare = make.intermediate("Cloudflare TLS Issuing ECC CA 1", "P-256", transit);
    const [gtsRsa, gtsEc] = [make.leaf(host, "RSA-2048", wr2), make.leaf(host, "P-256", we1)];
    const [aws, sec, cf] = [make.leaf(host, "RSA-2048", m02), make.leaf(host, "RSA-2048", sectigo), make.leaf(host, "P-256", cloudflare)];
    const store = [r1, r4, ssl, make.root("amazon1"), make.root("starfieldG2"), make.root("usertrust")];
    return [
        { title: "Google Trust Services, RSA, cross-signed by GlobalSign", host, leaf: gtsRsa, sent: [gtsRsa, wr2, make.cross("gtsR1", "globalSign")], store, anchor: "GTS Root R1", warns: /signed by GlobalSign/ },
        { title: "Google Trust Services, EC, cross-signed by GlobalSign", host, leaf: gtsEc, sent: [gtsEc, we1, make.cross("gtsR4", "globalSign")], store, anchor: "GTS Root R4", warns: /signed by GlobalSign/ },
        { title: "the same for a client that has GlobalSign's root alone", host, leaf: gtsEc, sent: [gtsEc, we1, make.cross("gtsR4", "globalSign")], store: [make.root("globalSign")], anchor: "GlobalSign Root CA" },
        { title: "Amazon's four certificates", host, leaf: aws, sent: [aws, m02, make.cross("amazon1", "starfieldG2"), make.cross("starfieldG2", "starfield2")], store, anchor: "Amazon Root CA 1", warns: /Amazon Root CA 1 is sent as signed by Starfield/ },
        { title: "Sectigo, cross-signed by AAA", host, leaf: sec, sent: [sec, sectigo, make.cross("usertrust", "aaa")], store, anchor: "USERTrust RSA Certification Authority", warns: /signed by AAA/ },
        { title: "Cloudflare, SSL.com's four certificates", host, leaf: cf, sent: [cf, cloudflare, transit, make.cross("sslEcc", "aaa")], store, anchor: "SSL.com TLS ECC Root CA 2022", warns: /signed by AAA/ },
    ];
}

function mistakes(make: ShapeMaker, url: string): ChainShape[] {
    const host = "shop.example.test";
    const root = make.root("digicertG2");
    const ca1 = make.intermediate("DigiCert TLS RSA SHA256 2020 CA1", "RSA-2048", root);
    const leaf = make.leaf(host, "RSA-2048", ca1);
    const withUrl = make.leaf(host, "RSA-2048", ca1, url);
    const store = [root];
    const self = make.leaf(host, "P-256", undefined);
    const unrelated = make.root("isrgX2");
    const short = issue({ subject: NAMES.digicertG2, key: root.key, ca: true, days: [-2000, 100] });
    return [
        { title: "DigiCert", host, leaf, sent: [leaf, ca1], store, anchor: "DigiCert Global Root G2" },
        { title: "a root that ends soon", host, leaf, sent: [leaf, ca1], store: [short], anchor: "DigiCert Global Root G2", warns: /ends in \d+ days/ },
        { title: "a superfluous root", host, leaf, sent: [leaf, ca1, root], store, anchor: "DigiCert Global Root G2", warns: /is sent as well: superfluous/ },
        { title: "the wrong order", host, leaf, sent: [leaf, root, ca1], store, anchor: "DigiCert Global Root G2", warns: /asks for the order/ },
        { title: "a certificate that has nothing to do with it", host, leaf, sent: [leaf, unrelated, ca1], store, anchor: "DigiCert Global Root G2", warns: /has issued none of the others/ },
        { title: "the same certificate twice", host, leaf, sent: [leaf, ca1, ca1], store, anchor: "DigiCert Global Root G2" },
        { title: "a missing intermediate", host, leaf, sent: [leaf], store, anchor: undefined, refused: "ETLS_CERT_MISSING_INTERMEDIATE" },
        { title: "a missing intermediate, with the address where it is", host, leaf: withUrl, sent: [withUrl], store, anchor: "DigiCert TLS RSA SHA256 2020 CA1", refused: "ETLS_CERT_MISSING_INTERMEDIATE", warns: /browsers hide that/ },
        { title: "a private CA that sends its root", host, leaf, sent: [leaf, ca1, root], store: [unrelated], anchor: "DigiCert Global Root G2", refused: "ETLS_CERT_UNKNOWN_ISSUER", warns: /nobody vouches/ },
        { title: "a private CA that does not", host, leaf, sent: [leaf, ca1], store: [unrelated], anchor: "DigiCert TLS RSA SHA256 2020 CA1", refused: "ETLS_CERT_UNKNOWN_ISSUER", warns: /nobody vouches/ },
        { title: "a server that signed its certificate itself", host, leaf: self, sent: [self], store, anchor: undefined, refused: "ETLS_CERT_SELF_SIGNED" },
    ];
}

/** All shapes; the missing intermediate of one of them is to be found at `url`. */
export function chainShapes(url: string): ChainShape[] {
    const make = new ShapeMaker();
    return [...letsEncrypt(make), ...hosters(make), ...mistakes(make, url)];
}
