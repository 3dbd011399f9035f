// SPDX-License-Identifier: Apache-2.0
/**
 * Certificate chains of odd shapes for single tests, made by the OpenSSL command line.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./processes.ts";

/** One certificate of a chain; each is signed by the one before it. */
export interface Link {
    cn: string;
    /** As `openssl req -newkey` takes it, P-256 unless told. */
    key?: string;
    /** The hash that this certificate is signed with, SHA-256 unless told; none for Ed25519. */
    digest?: "sha1" | "none";
    /** As `openssl req -addext` takes them; a CA's unless told. */
    extensions?: string[];
}

/** What a server and its client need. */
export interface OwnChain {
    rootPem: string;
    /** What the server sends: from the leaf up, without the root. */
    chainPem: string;
    keyPem: string;
}

/** The extensions of an authority. */
export const CA = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"];

/** The extensions of a server called localhost. */
export const SERVER = ["subjectAltName=DNS:localhost", "extendedKeyUsage=serverAuth"];

/** Makes a chain, root first, leaf last. */
export async function makeChain(links: Link[]): Promise<OwnChain> {
    const folder = mkdtempSync(join(tmpdir(), "etls-chain-"));
    const file = (index: number, kind: string): string => join(folder, `${index}.${kind}`);
    for (const [index, { cn, key = "ec", digest, extensions = CA }] of links.entries()) {
        const signer = ["-CA", file(index - 1, "pem"), "-CAkey", file(index - 1, "key")];
        const { code, stderr } = await run("openssl", [
            ...["req", "-x509", "-config", "/dev/null", "-noenc", "-days", "2", "-subj", `/CN=${cn}`],
            ...["-newkey", key, ...(key === "ec" ? ["-pkeyopt", "ec_paramgen_curve:P-256"] : [])],
            ...(digest === "none" ? [] : [`-${digest ?? "sha256"}`]),
            ...extensions.flatMap((extension) => ["-addext", extension]),
            ...(index > 0 ? signer : []),
            ...["-keyout", file(index, "key"), "-out", file(index, "pem")],
        ]);
        if (code !== 0) {
            throw new Error(stderr);
        }
    }
    const read = (index: number, kind = "pem"): string => readFileSync(file(index, kind), "utf8");
    const below = links.map((_, index) => (index > 0 ? read(index) : "")).reverse();
    const chain = { rootPem: read(0), chainPem: below.join(""), keyPem: read(links.length - 1, "key") };
    rmSync(folder, { recursive: true });
    return chain;
}
