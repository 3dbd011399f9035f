// SPDX-License-Identifier: Apache-2.0
/**
 * Makes one certificate of the test PKI with the OpenSSL command line.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keyArguments, shapeOf, VALID, type Extensions } from "./pki-shapes.ts";
import { run } from "./processes.ts";

/** Runs a task when its turn has come. */
export type Limit = <T>(task: () => Promise<T>) => Promise<T>;

/** Runs so many tasks at a time, in the order given. */
export function limiter(most: number): Limit {
    const waiting: (() => void)[] = [];
    let running = 0;
    return async (task) => {
        if (running === most) {
            await new Promise<void>((resolve) => waiting.push(resolve));
        } else {
            running++;
        }
        try {
            return await task();
        } finally {
            const next = waiting.shift();
            if (next) {
                next(); // takes over this one's place
            } else {
                running--;
            }
        }
    };
}

/**
 * Makes the key and the certificate of a shape as key.pem and cert.pem in the folder of its name.
 *
 * @param make makes the issuer, unless it is there
 */
export async function makeCertificate(
    folder: string,
    name: string,
    limit: Limit,
    make: (name: string) => Promise<void>,
): Promise<void> {
    const shape = shapeOf(name);
    const here = join(folder, name);
    const selfSigned = shape.issuer === name;
    const config = writeConfig(here, extensionLines(shape.extensions, selfSigned));
    const request = ["-new", ...keyArguments(shape.key), "-noenc", "-subj", `/CN=${shape.cn}`];
    const csr = ["-keyout", join(here, "key.pem"), "-out", join(here, "request.pem")];
    await limit(() => openssl(["req", "-config", config, ...request, ...csr]));
    if (!selfSigned) {
        await make(shape.issuer);
    }
    await limit(() => openssl(signArguments(folder, name, config)));
    if (shape.spoiled) {
        spoil(join(here, "cert.pem"));
    }
}

/** `openssl ca` is the only command of OpenSSL 3.0 that sets both ends of the validity. */
function signArguments(folder: string, name: string, config: string): string[] {
    const { issuer, digest = "sha256", days = VALID } = shapeOf(name);
    const here = join(folder, name);
    const key = ["-keyfile", join(folder, issuer, "key.pem")];
    return [
        ...["ca", "-batch", "-notext", "-config", config, "-md", digest, "-outdir", here],
        ...(issuer === name
            ? ["-selfsign", ...key]
            : ["-cert", join(folder, issuer, "cert.pem"), ...key]),
        ...["-startdate", timestamp(days[0]), "-enddate", timestamp(days[1])],
        ...["-in", join(here, "request.pem"), "-out", join(here, "cert.pem")],
    ];
}

/** The moment so many days from now as YYYYMMDDHHMMSSZ. */
function timestamp(days: number): string {
    const time = new Date(Date.now() + days * 86_400_000);
    return `${time.toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`;
}

function extensionLines(extensions: Extensions, selfSigned: boolean): string[] {
    const identifiers: Extensions = { subjectKeyIdentifier: "hash" };
    if (!selfSigned) {
        identifiers["authorityKeyIdentifier"] = "keyid";
    }
    return Object.entries({ ...identifiers, ...extensions })
        .filter(([, value]) => value !== "")
        .map(([name, value]) => `${name} = ${value}`);
}

/** Writes the configuration, which has a database of its own so that nothing is shared. */
function writeConfig(here: string, extensions: string[]): string {
    const file = join(here, "openssl.cnf");
    const lines = [
        "[req]",
        "distinguished_name = nothing",
        "[nothing]",
        "[ca]",
        "default_ca = authority",
        "[authority]",
        `database = ${join(here, "index.txt")}`,
        "rand_serial = yes",
        "policy = any",
        "x509_extensions = extensions",
        "[any]",
        "commonName = optional",
        "[extensions]",
        ...extensions,
    ];
    writeFileSync(join(here, "index.txt"), "");
    writeFileSync(file, `${lines.join("\n")}\n`);
    return file;
}

async function openssl(args: string[]): Promise<void> {
    const { code, stderr } = await run("openssl", args, { timeout: 60_000 });
    if (code !== 0) {
        throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
    }
}

/** Changes the last bit of a certificate, which is the last of its signature. */
function spoil(file: string): void {
    const der = Buffer.from(toDer(readFileSync(file, "utf8")));
    der[der.length - 1]! ^= 1;
    const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
    const ends = (what: string): string => `-----${what} CERTIFICATE-----`;
    writeFileSync(file, `${[ends("BEGIN"), ...lines, ends("END")].join("\n")}\n`);
}

/** The content of the first PEM block of a text. */
export function toDer(pem: string): Uint8Array {
    const body = /-----BEGIN [^-]+-----([^-]+)-----END/.exec(pem)?.[1];
    if (body === undefined) {
        throw new TypeError("This is no PEM text.");
    }
    return new Uint8Array(Buffer.from(body, "base64"));
}
