// SPDX-License-Identifier: Apache-2.0
/**
 * A public key infrastructure for tests, made by the OpenSSL command line (3.0 or later): every
 * key and certificate is fresh. pki-shapes.ts says what there is.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { limiter, makeCertificate, toDer } from "./pki-openssl.ts";
import {
    AUTHORITIES,
    BAD,
    CLIENTS,
    isWeak,
    SERVERS,
    shapeOf,
    SHAPES,
    VALID,
    type Shape,
} from "./pki-shapes.ts";
import { requireTool } from "./processes.ts";

/** A certificate with its key and chain, each as text and as a file. */
export interface Identity {
    name: string;
    /** The name to ask for when connecting to this server; the bad ones are bad for that name. */
    host: string;
    /** The certificate alone. */
    certPem: string;
    certDer: Uint8Array;
    /** PKCS #8. */
    keyPem: string;
    keyDer: Uint8Array;
    /** What a server sends: the certificate and its intermediates, without the root. */
    chainPem: string;
    /** The intermediates of the chain; empty where there is none. */
    issuersPem: string;
    /** The trust anchor to give to the other side. For bad ones it may be another chain's root. */
    rootPem: string;
    rootDer: Uint8Array;
    certFile: string;
    keyFile: string;
    chainFile: string;
    issuersFile: string;
    rootFile: string;
    /** True when OpenSSL serves it only at security level 0. */
    weak: boolean;
}

/** The name of a certificate that a client must refuse. */
export type BadName = keyof typeof BAD;

/** All that {@link makePki} makes. */
export interface Pki {
    /** Where the files are, one folder per name. */
    folder: string;
    /** P-256 leaf, P-384 intermediate and root. */
    ec: Identity;
    /** RSA-2048 leaf and intermediate, RSA-4096 root. */
    rsa: Identity;
    clients: Record<keyof typeof CLIENTS, Identity>;
    bad: Record<BadName, Identity>;
    /** The signing certificates, PEM: roots and intermediates. */
    authorities: Record<keyof typeof AUTHORITIES, string>;
}

/**
 * Makes all keys and certificates into a folder, two processes at a time; takes a second or three,
 * most of it for the RSA-4096 key.
 *
 * @throws Error when OpenSSL is missing or refuses something, with what it said.
 */
export async function makePki(folder: string): Promise<Pki> {
    const fault = requireTool("openssl");
    if (fault) {
        throw new Error(fault);
    }
    const limit = limiter(2);
    const made = new Map<string, Promise<void>>();
    const make = (name: string): Promise<void> => {
        const promise = made.get(name) ?? makeCertificate(folder, name, limit, make);
        made.set(name, promise);
        return promise;
    };
    for (const name of Object.keys(SHAPES)) {
        mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    }
    await Promise.all(Object.keys(SHAPES).map(make));
    for (const name of Object.keys(SHAPES)) {
        writeChain(folder, name);
    }
    return readPki(folder);
}

/** Writes the chain that a server sends and the root that its client is given. */
function writeChain(folder: string, name: string): void {
    const read = (of: string): string => readFileSync(join(folder, of, "cert.pem"), "utf8");
    const { bare, anchor } = shapeOf(name);
    let issuers = "";
    let issuer = shapeOf(name).issuer;
    for (; issuer !== shapeOf(issuer).issuer; issuer = shapeOf(issuer).issuer) {
        issuers += bare ? "" : read(issuer);
    }
    writeFileSync(join(folder, name, "issuers.pem"), issuers);
    writeFileSync(join(folder, name, "chain.pem"), read(name) + issuers);
    writeFileSync(join(folder, name, "root.pem"), read(anchor ?? issuer));
}

function readIdentity(folder: string, name: string): Identity {
    const { host = "localhost", ...shape } = shapeOf(name);
    const file = (kind: string): string => join(folder, name, `${kind}.pem`);
    const read = (kind: string): string => readFileSync(file(kind), "utf8");
    return {
        name,
        host,
        certPem: read("cert"),
        certDer: toDer(read("cert")),
        keyPem: read("key"),
        keyDer: toDer(read("key")),
        chainPem: read("chain"),
        issuersPem: read("issuers"),
        rootPem: read("root"),
        rootDer: toDer(read("root")),
        certFile: file("cert"),
        keyFile: file("key"),
        chainFile: file("chain"),
        issuersFile: file("issuers"),
        rootFile: file("root"),
        weak: isWeak(shape),
    };
}

function readPki(folder: string): Pki {
    const all = <T extends string>(shapes: Record<T, Shape>, prefix = ""): Record<T, Identity> => {
        const names = Object.keys(shapes) as T[];
        const entries = names.map((name) => [name, readIdentity(folder, prefix + name)]);
        return Object.fromEntries(entries) as Record<T, Identity>;
    };
    const authorities = Object.entries(all(AUTHORITIES)).map(([name, { certPem }]) => [
        name,
        certPem,
    ]);
    return {
        folder,
        ...all(SERVERS),
        clients: all(CLIENTS, "client-"),
        bad: all(BAD, "bad-"),
        authorities: Object.fromEntries(authorities) as Pki["authorities"],
    };
}

let cached: Promise<Pki> | undefined;

/**
 * The PKI in build/test-pki, made anew when the program that makes it has changed or anything in
 * it expires within a day. Within one process all callers share it.
 */
export function cachedPki(): Promise<Pki> {
    cached ??= loadPki(join(projectFolder(), "build", "test-pki"));
    return cached;
}

async function loadPki(folder: string): Promise<Pki> {
    const generator = ["pki", "pki-shapes", "pki-openssl"].map((name) => {
        const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
        return readFileSync(new URL(`./${name}.${ending}`, import.meta.url));
    });
    const hash = createHash("sha256").update(Buffer.concat(generator)).digest("hex");
    if (isMade(folder, hash)) {
        return readPki(folder);
    }
    // Made beside it and moved, so that another process never sees a half of it.
    const fresh = `${folder}-${randomBytes(4).toString("hex")}`;
    const until = Date.now() + VALID[1] * 86_400_000;
    await makePki(fresh);
    writeFileSync(join(fresh, "made"), `${hash}\n${until}\n`);
    try {
        if (!isMade(folder, hash)) {
            rmSync(folder, { recursive: true, force: true });
            renameSync(fresh, folder);
        }
    } catch (error) {
        if (!isMade(folder, hash)) throw error;
    }
    rmSync(fresh, { recursive: true, force: true }); // another process was first
    return readPki(folder);
}

/** Whether the PKI there is that of this program and lasts for a day. */
function isMade(folder: string, hash: string): boolean {
    const stamp = join(folder, "made");
    if (!existsSync(stamp)) return false;
    const [of, until] = readFileSync(stamp, "utf8").split("\n");
    return of === hash && Date.now() + 86_400_000 < Number(until);
}

/** The folder with package.json above this file. */
export function projectFolder(): string {
    let folder = dirname(fileURLToPath(import.meta.url));
    while (!existsSync(join(folder, "package.json"))) {
        if (folder === dirname(folder)) {
            throw new Error("There is no package.json above the tests.");
        }
        folder = dirname(folder);
    }
    return folder;
}
