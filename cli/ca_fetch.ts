// SPDX-License-Identifier: Apache-2.0
/**
 * `espruino-tls ca fetch`: which certificate to load for a server, and in what form.
 *
 * @module
 */
import { existsSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { loadDer } from "../modules/certificates.ts";
import { reasonOf } from "../modules/errors.ts";
import type { TlsError } from "../modules/errors.ts";
import { judge } from "../wasm/judge.ts";
import { allRoots } from "../wasm/roots.ts";
import { FORMATS } from "./anchor_format.ts";
import type { Target } from "./anchor_format.ts";
import { jsonOf, reportLines } from "./ca_fetch_report.ts";
import { hasSigned, toCertificate } from "./certificate.ts";
import type { Certificate } from "./certificate.ts";
import { readChain } from "./chain_file.ts";
import { analyse } from "./chain.ts";
import type { Analysis, Trial } from "./chain.ts";
import { hint, usageError } from "./command.ts";
import type { Arguments, Command } from "./command.ts";
import { EXIT, EXIT_HELP } from "./exit.ts";
import { probe } from "./probe.ts";
import { starttlsPort, STARTTLS_NAMES } from "./starttls.ts";
import { paintsFor } from "./terminal.ts";

/** Milliseconds for the connection, and for each issuer that is fetched. */
const PATIENCE = 15_000;
/** Bytes that an issuer's certificate may have, and how many are fetched. */
const ISSUER_LIMIT = 65536;
const ISSUERS = 4;

const download = function (url: string): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
        const request = get(url, { timeout: PATIENCE }, (response) => {
            const pieces: Buffer[] = [];
            let size = 0;
            response.on("data", (data: Buffer) => {
                size += data.length;
                if (size > ISSUER_LIMIT) response.destroy();
                else pieces.push(data);
            });
            response.on("close", () => resolve(response.complete && response.statusCode === 200 ? Buffer.concat(pieces) : undefined));
        });
        request.on("timeout", () => request.destroy());
        request.on("error", () => resolve(undefined));
    });
};

/** Issuers that the server should have sent, from where its certificates say they are, as browsers do. */
const fetchIssuers = async function (sent: Certificate[], store: Certificate[]): Promise<Certificate[]> {
    const found: Certificate[] = [];
    for (let top = sent[0]; top && found.length < ISSUERS; ) {
        const child: Certificate = top;
        const known = [...sent, ...found].find((one) => one !== child && hasSigned(one, child));
        if (child.selfIssued || store.some((root) => hasSigned(root, child))) break;
        if (known) {
            top = known;
            continue;
        }
        const data = child.issuerUrl === undefined ? undefined : await download(child.issuerUrl);
        try {
            const [der = ""] = data ? loadDer({ readFile: () => undefined }, "ca", data) : [];
            const issuer = toCertificate(Buffer.from(der, "latin1"));
            if (!hasSigned(issuer, child)) break;
            found.push(issuer);
            top = issuer;
        } catch {
            break; // then it is missing
        }
    }
    return found;
};

/** Host and port of `host`, `host:port`, `[v6]:port` or a URL. */
const readTarget = function (text: string, starttls: string | undefined): Target {
    const bare = text.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "").replace(/[/?#].*$/, "");
    const scheme = /^mqtts?:/i.test(text) ? 8883 : 443;
    const standard = (starttls === undefined ? undefined : starttlsPort(starttls)) ?? scheme;
    const [, v6, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+))(?::(\d+))?$/i.exec(bare) ?? [];
    const host = v6 ?? name ?? (/^[0-9a-f:.]+$/i.test(bare) ? bare : undefined);
    const port = digits === undefined ? standard : Number(digits);
    if (host === undefined || !(port > 0 && port < 65536)) throw usageError(`${JSON.stringify(text)} is neither a host nor HOST:PORT`);
    return { host, port };
};

/** What is looked at: a server, or a file. */
interface Source {
    where: string;
    seen: string;
    sent: Certificate[];
    target: Target;
    /** Whom the certificate has to name; undefined when that is not known. */
    name: string | undefined;
}

const look = async function (given: Arguments): Promise<Source> {
    const [what, more] = given.positionals;
    if (!what) throw usageError("no host and no file; espruino-tls ca fetch --help shows an example");
    if (more !== undefined) throw usageError(`one at a time; what is ${JSON.stringify(more)}?`);
    const starttls = given.text("starttls");
    if (starttls !== undefined && !STARTTLS_NAMES.includes(starttls)) {
        throw usageError(`--starttls ${starttls} is not known${hint(starttls, STARTTLS_NAMES, "espruino-tls ca fetch --help")}`);
    }
    if (what === "-" || existsSync(what)) {
        return { where: what === "-" ? "standard input" : what, seen: "", sent: readChain(what), target: { host: "example.org", port: 443 }, name: given.text("servername") };
    }
    const target = readTarget(what, starttls);
    const servername = given.text("servername") ?? target.host;
    const { certificates, protocol, exact } = await probe({ ...target, servername, starttls, timeout: PATIENCE });
    const sent = certificates.map((der, at) => toCertificate(der, `certificate ${at} of ${target.host}`));
    const seen = exact ? protocol : `${protocol} alone: put in order, what is superfluous cannot be seen`;
    return { where: `${target.host}:${target.port}`, seen, sent, target: { ...target, host: servername }, name: servername };
};

/** What a board would say that loads the anchor, by its own code. */
const tryOut = async function ({ sent, name }: Source, { anchor }: Analysis): Promise<Trial | undefined> {
    if (!anchor || name === undefined) return undefined;
    try {
        const { error } = await judge({ chain: sent.map(({ der }) => der), host: name, ca: anchor.certificate.der });
        return { name, error };
    } catch (error) {
        return { name, error: error as TlsError };
    }
};

const write = function (given: Arguments, analysis: Analysis, target: Target): void {
    const name = given.text("format") ?? (given.text("output") === undefined ? undefined : "pem");
    if (name === undefined || !analysis.anchor) return;
    const content = FORMATS[name]?.[1](analysis.anchor.certificate, target) ?? "";
    const file = given.text("output");
    if (file === undefined) {
        process.stdout.write(content);
        return;
    }
    try {
        writeFileSync(file, content);
    } catch (error) {
        throw usageError(`cannot write ${file}: ${reasonOf(error)}`);
    }
};

const fetchCa = async function (given: Arguments): Promise<number> {
    const format = given.text("format");
    if (format !== undefined && !FORMATS[format]) {
        throw usageError(`--format ${format} is not known${hint(format, Object.keys(FORMATS), "espruino-tls ca fetch --help")}`);
    }
    const own = given.list("store").flatMap(readChain);
    const store = own.length > 0 ? own : allRoots().map(({ der }) => toCertificate(der));
    const source = await look(given);
    const { where, seen, sent, target } = source;
    const fetched = given.has("offline") ? [] : await fetchIssuers(sent, store);
    const analysis = analyse(sent, fetched, store, Date.now(), given.has("leaf"));
    const trial = await tryOut(source, analysis);
    const toOutput = format === undefined || given.text("output") !== undefined;
    if (given.has("json")) {
        process.stdout.write(`${JSON.stringify(jsonOf(where, analysis, trial), null, 2)}\n`);
    } else {
        const stream = toOutput ? process.stdout : process.stderr;
        const lines = reportLines(where, seen, analysis, trial, Date.now(), paintsFor(stream));
        stream.write(`${lines.join("\n")}\n`);
    }
    if (!given.has("json") || given.text("output") !== undefined) write(given, analysis, target);
    return analysis.anchor ? EXIT.ok : EXIT.certificate;
};

/** The command. */
export const CA_FETCH: Command = {
    name: "ca fetch",
    summary: "Shows a chain, and which certificate to load for it",
    usage: "HOST[:PORT]|FILE [options]",
    options: {
        servername: { value: "NAME", help: "The name to ask for (SNI) and to check, when it is not HOST" },
        starttls: { value: "PROTOCOL", help: `First ask for TLS in ${STARTTLS_NAMES.slice(0, 5).join(", ")},\n${STARTTLS_NAMES.slice(5).join(", ")}` },
        format: {
            value: "FORMAT",
            help: Object.entries(FORMATS).map(([name, entry]) => `${name}: ${entry?.[0]}`).join("\n"),
        },
        output: { short: "o", value: "FILE", help: "Write the certificate there; PEM without --format" },
        leaf: { help: "Choose the server's own certificate: for one that signed itself" },
        store: { value: "FILE", repeat: true, help: "The public roots, in place of those of Node" },
        offline: { help: "Fetch no issuer that the server forgot to send" },
        json: { help: "Print one JSON object with all facts" },
    },
    notes: [
        "The chain is read from the server without verifying it, or from a file or standard input:\n" +
            "PEM, DER, or what openssl s_client -showcerts prints. What is chosen is the root: from the\n" +
            "store when the server does not send it, as it should not. It is then tried out, offline, by\n" +
            "the code of the boards: would one that loads it accept the server now?",
        EXIT_HELP,
    ],
    examples: [
        ["espruino-tls ca fetch broker.hivemq.cloud:8883", "Which certificate does my program need?"],
        ["espruino-tls ca fetch example.org --format espruino -o fetch.js", "A program to begin with"],
        ["openssl s_client -connect example.org:443 -showcerts </dev/null | espruino-tls ca fetch -", "From another tool's output"],
    ],
    run: fetchCa,
};
