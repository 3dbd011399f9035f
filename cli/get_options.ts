// SPDX-License-Identifier: Apache-2.0
/**
 * The command line of `espruino-tls get`, checked and turned into options of the library.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { loadDer } from "../modules/certificates.ts";
import type { Kind } from "../modules/certificates.ts";
import { reasonOf } from "../modules/errors.ts";
import type { RequestOptions } from "../modules/https.ts";
import { describe } from "../wasm/describe.ts";
import { decryptKeys } from "../wasm/private_keys.ts";
import { hint, usageError } from "./command.ts";
import type { Arguments, Options } from "./command.ts";
import { bytes } from "./terminal.ts";
import { VERSION } from "./version.ts";

/** Bytes of the arena without `--budget`: ample room for the largest records. */
const DEFAULT_BUDGET = 512 * 1024;
/** What `open` takes. */
const BUDGETS = [8192, 60_000_000] as const;

/** Seconds without progress before it gives up. */
const PATIENCE = 30;

/** The options of `get`. */
export const GET_OPTIONS: Options = {
    ca: {
        value: "FILE",
        repeat: true,
        help: "Trust these (PEM, DER, trust bundle), not the common roots",
    },
    "all-roots": { help: "Without --ca: trust all of Node's roots, not the common ones alone" },
    "extra-ca": { value: "FILE", repeat: true, help: "Trust these beside the others" },
    budget: { value: "BYTES", help: "Memory for everything TLS does, 16384 or 16k; default 512k" },
    tls: { value: "VERSION", help: "Only TLS 1.2 or only 1.3; by default the highest both have" },
    cert: { value: "FILE", help: "Client certificate and its intermediates (PEM or DER)" },
    key: { value: "FILE", help: "Its private key (PEM or DER)" },
    "passphrase-file": { value: "FILE", help: "Holds the passphrase of --key, in its first line" },
    header: { short: "H", value: "'NAME: VALUE'", repeat: true, help: "Send this header field" },
    request: { short: "X", value: "METHOD", help: "HTTP method; default GET, with -d POST" },
    data: {
        short: "d",
        value: "DATA",
        help: "Send this body; @FILE the bytes of a file, @- standard input",
    },
    output: { short: "o", value: "FILE", help: "Write the body to a file" },
    fail: { help: "Exit code 1 for HTTP status 400 and above" },
    insecure: { help: "Accept any certificate: for looking into problems, never for data" },
    timeout: { value: "SECONDS", help: `Give up after this without progress; default ${PATIENCE}` },
    verbose: { short: "v", help: "Show chain, protocol, cipher, timings and memory on stderr" },
    json: { help: "Print one JSON object with all facts instead of the body" },
    "include-body": { help: "With --json: the body too, in base64" },
};

/** What is to be done. */
export interface GetJob {
    url: string;
    /** For the request and its connection. */
    options: RequestOptions;
    /** What is trusted without `ca`. */
    roots: "common" | "all";
    body: Uint8Array | undefined;
    /** Bytes. */
    budget: number;
    /** Where the body goes, undefined for standard output. */
    output: string | undefined;
    fail: boolean;
    verbose: boolean;
    json: boolean;
    includeBody: boolean;
}

const readInput = function (option: string, file: string): Buffer {
    try {
        return readFileSync(file === "-" ? 0 : file);
    } catch (error) {
        throw usageError(`cannot read the file of --${option}: ${reasonOf(error)}`);
    }
};

/** Reads certificates or a key; checked here, where the name of the file is known. */
const readDer = function (kind: Kind, file: string, passphrase?: string): Uint8Array[] {
    const content = readInput(kind, file);
    const none = (): undefined => undefined;
    try {
        const plain = passphrase === undefined ? content : decryptKeys(content, passphrase, none);
        const found = loadDer({ readFile: none, describe }, kind, plain);
        return found.map((der) => Buffer.from(der, "latin1"));
    } catch (error) {
        const option = kind === "extraCA" ? "extra-ca" : kind;
        throw usageError(reasonOf(error).replace(kind, `--${option} ${file}`));
    }
};

const readPassphrase = function (file: string | undefined): string | undefined {
    return file && readInput("passphrase-file", file).toString("utf8").split(/\r?\n/, 1)[0];
};

const readBudget = function (text: string | undefined): number {
    if (text === undefined) return DEFAULT_BUDGET;
    const [, digits, unit] = /^(\d+)(k?)$/i.exec(text) ?? [];
    const budget = Number(digits) * (unit ? 1024 : 1);
    if (!(budget >= BUDGETS[0] && budget <= BUDGETS[1])) {
        throw usageError(`--budget ${text} is not between ${BUDGETS[0]} and ${bytes(BUDGETS[1])}`);
    }
    return budget;
};

const readTimeout = function (text: string | undefined): number {
    const seconds = text === undefined ? PATIENCE : Number(text || NaN);
    if (!(seconds > 0 && seconds <= 86400)) {
        throw usageError(`--timeout ${text} is not a number of seconds between 0 and 86400`);
    }
    return Math.ceil(seconds * 1000);
};

const readVersion = function (text: string | undefined): RequestOptions {
    if (text === undefined) return {};
    if (text !== "1.2" && text !== "1.3") throw usageError(`--tls ${text} is neither 1.2 nor 1.3`);
    return { minVersion: `TLSv${text}`, maxVersion: `TLSv${text}` };
};

const readHeaders = function (lines: string[], hasBody: boolean): { [name: string]: string[] } {
    const headers: { [name: string]: string[] } = {};
    for (const line of lines) {
        const colon = line.indexOf(":");
        if (colon < 1) {
            throw usageError(`-H ${JSON.stringify(line)} is not of the form 'Name: value'`);
        }
        const name = line.slice(0, colon).trim();
        const same = Object.keys(headers).find((key) => key.toLowerCase() === name.toLowerCase());
        // Header values are bytes; what a terminal gives is UTF-8.
        const value = Buffer.from(line.slice(colon + 1).trim()).toString("latin1");
        headers[same ?? name] = [...(headers[same ?? name] ?? []), value];
    }
    const given = Object.keys(headers).map((name) => name.toLowerCase());
    const add = function (name: string, value: string): void {
        if (!given.includes(name.toLowerCase())) headers[name] = [value];
    };
    add("User-Agent", `espruino-tls/${VERSION}`);
    add("Accept", "*/*");
    if (hasBody) add("Content-Type", "application/x-www-form-urlencoded");
    return headers;
};

const readBody = function (data: string | undefined): Uint8Array | undefined {
    if (data === undefined) return undefined;
    return data.startsWith("@") ? readInput("data", data.slice(1)) : Buffer.from(data);
};

const readUrl = function (given: Arguments): string {
    const [url, more] = given.positionals;
    if (!url) throw usageError("no URL; espruino-tls get --help shows an example");
    if (more !== undefined) throw usageError(`one URL at a time; what is ${JSON.stringify(more)}?`);
    if (/^http:/i.test(url)) {
        throw usageError(`${url} would not be encrypted; try https:${url.slice(5)}`);
    }
    const [scheme] = /^[a-z][a-z0-9+.-]*(?=:\/\/)/i.exec(url) ?? [];
    if (scheme === undefined) throw usageError(`${url} is not a URL; did you mean https://${url}?`);
    if (scheme.toLowerCase() !== "https") {
        const near = hint(scheme, ["https"], "espruino-tls get --help");
        throw usageError(`${scheme}: URLs are not supported${near}`);
    }
    return url;
};

/**
 * Checks the command line and reads the files it names.
 *
 * @throws TlsError `ETLS_USAGE`.
 */
export const readJob = function (given: Arguments): GetJob {
    const url = readUrl(given);
    const [cert, key] = [given.text("cert"), given.text("key")];
    if ((cert === undefined) !== (key === undefined)) {
        throw usageError(`--${cert ? "cert" : "key"} needs --${cert ? "key" : "cert"} too`);
    }
    if (given.has("include-body") && !given.has("json")) {
        throw usageError("--include-body goes with --json");
    }
    const body = readBody(given.text("data"));
    const timeout = readTimeout(given.text("timeout"));
    const ca = given.list("ca").flatMap((file) => readDer("ca", file));
    const extraCA = given.list("extra-ca").flatMap((file) => readDer("extraCA", file));
    const passphrase = readPassphrase(given.text("passphrase-file"));
    const options: RequestOptions = {
        ...readVersion(given.text("tls")),
        ...(ca.length > 0 ? { ca } : {}),
        ...(extraCA.length > 0 ? { extraCA } : {}),
        ...(cert && key ? { cert: readDer("cert", cert), key: readDer("key", key, passphrase) } : {}),
        rejectUnauthorized: !given.has("insecure"),
        ALPNProtocols: ["http/1.1"],
        method: given.text("request") ?? (body ? "POST" : "GET"),
        headers: readHeaders(given.list("header"), body !== undefined),
        timeout,
        handshakeTimeout: timeout,
        agent: false,
        // Its memory is only spent where the chain is shown.
        keepChain: given.has("verbose") || given.has("json"),
    };
    return {
        url,
        options,
        roots: given.has("all-roots") ? "all" : "common",
        body,
        budget: readBudget(given.text("budget")),
        output: given.text("output"),
        fail: given.has("fail"),
        verbose: given.has("verbose"),
        json: given.has("json"),
        includeBody: given.has("include-body"),
    };
};
