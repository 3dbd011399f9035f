// SPDX-License-Identifier: Apache-2.0
/**
 * The certificates of the test PKI as a table: what each one is made of and, for the bad ones, the
 * one thing that is wrong with it. {@link makePki} in pki.ts makes them.
 *
 * @module
 */

/** A kind of key, as {@link keyArguments} turns it into arguments for `openssl req`. */
export type KeyKind =
    "P-224" | "P-256" | "P-384" | "secp256k1" | "Ed25519" | "RSA-1024" | "RSA-2048" | "RSA-4096";

/** The extensions of a certificate as OpenSSL's configuration writes them (x509v3_config(5)). */
export type Extensions = Record<string, string>;

/** What one certificate is made of. */
export interface Shape {
    key: KeyKind;
    /** The name of the shape that signs it; its own name = self-signed. */
    issuer: string;
    /** The common name, all there is in the subject. */
    cn: string;
    extensions: Extensions;
    /** The hash of the signature, SHA-256 unless told. */
    digest?: "sha1" | "md5" | "sha384";
    /** First and last day of validity, counted from today. {@link VALID} unless told. */
    days?: readonly [number, number];
    /** The name that a client asks for, `localhost` unless told. */
    host?: string;
    /** The root that a client is given, the root of its own chain unless told. */
    anchor?: string;
    /** Sends the leaf without its chain. */
    bare?: boolean;
    /** Spoils the signature after it was made. */
    spoiled?: boolean;
}

/** The validity of good certificates, in days from today. */
export const VALID = [-1, 90] as const;

/** The validity of authorities: all that they sign is valid within it, now or then. */
const AUTHORITY_DAYS = [-400, 800] as const;

/** The names of every good server certificate. */
const SERVER_NAMES =
    "DNS:localhost, DNS:*.example.test, DNS:server.example.test, IP:127.0.0.1, IP:::1";

const CA_EXTENSIONS: Extensions = {
    basicConstraints: "critical, CA:TRUE",
    keyUsage: "critical, keyCertSign, cRLSign",
};

const SERVER_EXTENSIONS: Extensions = {
    basicConstraints: "critical, CA:FALSE",
    keyUsage: "critical, digitalSignature, keyEncipherment",
    extendedKeyUsage: "serverAuth",
    subjectAltName: SERVER_NAMES,
};

const CLIENT_EXTENSIONS: Extensions = {
    basicConstraints: "critical, CA:FALSE",
    keyUsage: "critical, digitalSignature",
    extendedKeyUsage: "clientAuth",
};

type Changes = Partial<Omit<Shape, "extensions">> & { extensions?: Extensions };

function root(cn: string, key: KeyKind, issuer: string): Shape {
    return { key, issuer, cn, days: AUTHORITY_DAYS, extensions: CA_EXTENSIONS };
}

/** An authority below the EC root, good but for the changes. */
function intermediate(cn: string, changes: Changes = {}): Shape {
    const extensions = { ...CA_EXTENSIONS, ...changes.extensions };
    const same = { key: "P-256", issuer: "ecRoot", cn, days: AUTHORITY_DAYS } as const;
    return { ...same, ...changes, extensions };
}

/** A server certificate from the EC authority, good but for the changes. */
function server(changes: Changes = {}): Shape {
    const extensions = { ...SERVER_EXTENSIONS, ...changes.extensions };
    return { key: "P-256", issuer: "ecIntermediate", cn: "server", ...changes, extensions };
}

function client(changes: Changes = {}): Shape {
    const extensions = { ...CLIENT_EXTENSIONS, ...changes.extensions };
    return { key: "P-256", issuer: "ecIntermediate", cn: "client", ...changes, extensions };
}

/** A server certificate with other names, asked for by one that they must not match. */
function named(host: string, subjectAltName: string): Shape {
    return server({ host, extensions: { subjectAltName } });
}

/** DNS name `localhost\0.evil.test`, which C programs have taken for `localhost`. */
const NUL_IN_NAME = "localhost\0.evil.test";

function derOfName(name: string): string {
    const bytes = Buffer.from(name, "latin1");
    const general = Buffer.from([0x82, bytes.length, ...bytes]);
    return `DER:${Buffer.from([0x30, general.length, ...general]).toString("hex")}`;
}

/** Who signs. The big keys come first, since they take longest. */
export const AUTHORITIES = {
    rsaRoot: root("Test RSA root", "RSA-4096", "rsaRoot"),
    rsaIntermediate: intermediate("Test RSA authority", { key: "RSA-2048", issuer: "rsaRoot" }),
    ecRoot: { ...root("Test EC root", "P-384", "ecRoot"), digest: "sha384" },
    ecIntermediate: intermediate("Test EC authority", { key: "P-384", digest: "sha384" }),
    otherRoot: root("Test other root", "P-256", "otherRoot"),
    otherIntermediate: intermediate("Test other authority", { issuer: "otherRoot" }),
    expiredAuthority: intermediate("Test expired authority", { days: [-60, -30] }),
    noCaAuthority: intermediate("Test authority that is none", {
        extensions: { basicConstraints: "critical, CA:FALSE" },
    }),
    noSignAuthority: intermediate("Test authority that must not sign", {
        extensions: { keyUsage: "critical, digitalSignature, cRLSign" },
    }),
    shortAuthority: intermediate("Test authority of leaves only", {
        extensions: { basicConstraints: "critical, CA:TRUE, pathlen:0" },
    }),
    tooDeepAuthority: intermediate("Test authority one too deep", { issuer: "shortAuthority" }),
    secp256k1Authority: intermediate("Test secp256k1 authority", { key: "secp256k1" }),
} satisfies Record<string, Shape>;

/** Servers that every client must accept. */
export const SERVERS = {
    /** P-256 leaf, P-384 intermediate and root. */
    ec: server(),
    /** RSA-2048 leaf and intermediate, RSA-4096 root. */
    rsa: server({ key: "RSA-2048", issuer: "rsaIntermediate" }),
} satisfies Record<string, Shape>;

/** Client certificates, good and bad. */
export const CLIENTS = {
    ec: client(),
    rsa: client({ key: "RSA-2048", issuer: "rsaIntermediate" }),
    expired: client({ days: [-60, -30] }),
    unknownIssuer: client({ issuer: "otherIntermediate", anchor: "ecRoot" }),
    wrongEku: client({ extensions: { extendedKeyUsage: "serverAuth" } }),
} satisfies Record<string, Shape>;

/** Servers that a client must refuse, each for one reason. */
export const BAD = {
    expired: server({ days: [-60, -30] }),
    notYetValid: server({ days: [365, 400] }),
    /** No SAN; the common name alone says localhost. */
    cnOnly: server({ cn: "localhost", extensions: { subjectAltName: "" } }),
    /** The SAN names others; the common name says localhost. */
    wrongHost: server({
        cn: "localhost",
        extensions: { subjectAltName: "DNS:other.example.org, IP:192.0.2.1" },
    }),
    /** RFC 9525 section 6.3: a wildcard is one whole label, the leftmost, and not alone. */
    wildcardTopLevel: named("example.test", "DNS:*.test"),
    wildcardPartial: named("www.example.test", "DNS:w*.example.test"),
    wildcardBare: named("localhost", "DNS:*"),
    wildcardDouble: named("a.b.test", "DNS:*.*.test"),
    /** The wildcard stands for one label, not for two. */
    wildcardDeep: named("a.b.example.test", "DNS:*.example.test"),
    nulInName: named("localhost", derOfName(NUL_IN_NAME)),
    selfSigned: server({ issuer: "selfSigned", anchor: "ecRoot" }),
    unknownIssuer: server({ issuer: "otherIntermediate", anchor: "ecRoot" }),
    missingIntermediate: server({ bare: true }),
    /** The signature of the leaf does not fit its content. */
    badSignature: server({ spoiled: true }),
    /** A CA certificate as such certificates are: its key usage excludes a server as well. */
    caAsLeaf: server({ key: "RSA-2048", extensions: CA_EXTENSIONS }),
    /** A CA certificate whose key usage allows a server: only the CA flag gives it away. */
    caAsLeafSigning: server({
        extensions: {
            basicConstraints: "critical, CA:TRUE",
            keyUsage: "critical, digitalSignature, keyCertSign",
        },
    }),
    /** Neither digitalSignature nor keyEncipherment. (OpenSSL would not serve such an EC key.) */
    wrongKeyUsage: server({
        key: "RSA-2048",
        extensions: { keyUsage: "critical, nonRepudiation" },
    }),
    wrongEku: server({ extensions: { extendedKeyUsage: "clientAuth" } }),
    /** An extension that nobody knows but must (RFC 5280 section 4.2). */
    criticalExtension: server({ extensions: { "1.3.6.1.4.1.99999.1": "critical, DER:0500" } }),
    rsa1024: server({ key: "RSA-1024" }),
    sha1: server({ issuer: "rsaIntermediate", digest: "sha1" }),
    md5: server({ issuer: "rsaIntermediate", digest: "md5" }),
    expiredIntermediate: server({ issuer: "expiredAuthority", days: [-60, 90] }),
    intermediateNoCa: server({ issuer: "noCaAuthority" }),
    intermediateNoSign: server({ issuer: "noSignAuthority" }),
    pathLength: server({ issuer: "tooDeepAuthority" }),
    // Curves and keys that this project does not support; others do. (Node 24 as a client breaks
    // down on secp256k1, when it describes the certificate.)
    p224: server({ key: "P-224" }),
    secp256k1: server({ key: "secp256k1" }),
    secp256k1Intermediate: server({ issuer: "secp256k1Authority" }),
    ed25519: server({ key: "Ed25519" }),
} satisfies Record<string, Shape>;

/** What an OpenSSL peer serves only when its security level is lowered. */
export function isWeak(shape: Shape): boolean {
    return shape.key === "RSA-1024" || shape.digest === "sha1" || shape.digest === "md5";
}

/** The arguments that have `openssl req` make a key of that kind. */
export function keyArguments(kind: KeyKind): string[] {
    if (kind === "Ed25519") {
        return ["-newkey", "ed25519"];
    }
    const [family, bits] = kind.split("-");
    return family === "RSA"
        ? ["-newkey", `rsa:${bits}`]
        : ["-newkey", "ec", "-pkeyopt", `ec_paramgen_curve:${kind}`];
}

/** Every shape under the name of its folder. */
export const SHAPES: Record<string, Shape> = {
    ...AUTHORITIES,
    ...SERVERS,
    ...prefixed("client-", CLIENTS),
    ...prefixed("bad-", BAD),
};

function prefixed(prefix: string, shapes: Record<string, Shape>): Record<string, Shape> {
    const entries = Object.entries(shapes).map(([name, shape]): [string, Shape] => [
        prefix + name,
        // A self-signed one is its own issuer under the new name too.
        shape.issuer === name ? { ...shape, issuer: prefix + name } : shape,
    ]);
    return Object.fromEntries(entries);
}

/** The shape of that name. */
export function shapeOf(name: string): Shape {
    const shape = SHAPES[name];
    if (!shape) {
        throw new RangeError(`The test PKI has no ${name}.`);
    }
    return shape;
}
