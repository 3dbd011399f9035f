// SPDX-License-Identifier: Apache-2.0
/**
 * `espruino-tls verify`: would a board accept this chain?
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { reasonOf } from "../modules/errors.ts";
import type { PeerCertificate } from "../modules/report.ts";
import { judge } from "../wasm/judge.ts";
import type { Judgement } from "../wasm/judge.ts";
import { readDers } from "./chain_file.ts";
import { usageError } from "./command.ts";
import type { Arguments, Command } from "./command.ts";
import { EXIT, exitCodeOf } from "./exit.ts";
import { nameText, validityText } from "./get_report.ts";
import { harmless, paintsFor } from "./terminal.ts";

/** Exit code of a chain that is refused. */
const REFUSED = 1;

/** Milliseconds since 1970 of `2027-01-31`, `2027-01-31T12:00:00Z` or `@1800000000`. */
const readTime = function (text: string | undefined): number | undefined {
    if (text === undefined) return undefined;
    const [, seconds] = /^@(\d+)$/.exec(text) ?? [];
    const iso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
    const time = seconds === undefined ? (iso ? Date.parse(text) : NaN) : Number(seconds) * 1000;
    // The board counts seconds in 32 bits.
    if (!(time > 0 && time < 2 ** 32 * 1000)) {
        throw usageError(`--at ${text} is no time; 2027-01-31T12:00:00Z is one, and @1800000000`);
    }
    return time;
};

const readCa = function (file: string): Uint8Array {
    try {
        return readFileSync(file);
    } catch (error) {
        throw usageError(`cannot read the file of --ca: ${reasonOf(error)}`);
    }
};

const pathLines = function (path: PeerCertificate[]): string[] {
    return path.map((one) => `  ${nameText(one.subject)}, ${one.key}, ${validityText(one)}`);
};

const report = function (host: string, time: number, { error, path }: Judgement): string[] {
    const paint = paintsFor(process.stdout);
    const at = new Date(time).toISOString().replace(/\.\d+/, "");
    if (!error) return [`${paint.green("good")} for ${host} at ${at}:`, ...pathLines(path)];
    return [`${paint.red("refused")} for ${host} at ${at}: ${error.code}`, harmless(error.message), ...pathLines(path)];
};

const jsonOf = function (host: string, time: number, { error, path }: Judgement): { [key: string]: unknown } {
    return {
        good: error === undefined,
        host,
        time: new Date(time).toISOString(),
        error: error && { code: error.code, errno: error.errno, message: harmless(error.message) },
        path: path.map((one) => ({ ...one, subject: nameText(one.subject), issuer: nameText(one.issuer) })),
    };
};

const verify = async function (given: Arguments): Promise<number> {
    const [file, extra] = given.positionals;
    const host = given.text("host");
    if (!file) throw usageError("no chain; espruino-tls verify --help shows an example");
    if (extra !== undefined) throw usageError(`one chain at a time; what is ${JSON.stringify(extra)}?`);
    if (!host) throw usageError("no name to check it against: give --host NAME");
    const time = readTime(given.text("at")) ?? Date.now();
    const chain = readDers(file);
    const ca = given.list("ca").map(readCa);
    const roots = given.has("all-roots") ? "all" : "common";
    const judgement = await judge({ chain, host, time, roots, ...(ca.length > 0 ? { ca } : {}) });
    const text = given.has("json")
        ? JSON.stringify(jsonOf(host, time, judgement), null, 2)
        : report(host, time, judgement).join("\n");
    process.stdout.write(`${text}\n`);
    if (!judgement.error) return EXIT.ok;
    // What says nothing about certificates is not a judgement.
    const { code } = judgement.error;
    const judged = code === "ETLS_BAD_CERTIFICATE" || exitCodeOf(code) === EXIT.certificate;
    return judged ? REFUSED : exitCodeOf(code);
};

/** The command. */
export const VERIFY: Command = {
    name: "verify",
    summary: "Judges a stored chain offline, by the code that runs on boards",
    usage: "CHAIN --host NAME [options]",
    options: {
        host: { value: "NAME", help: "The name or address that it must be good for" },
        at: { value: "TIME", help: "As of this time: 2027-01-31, 2027-01-31T12:00:00Z, @1800000000" },
        ca: { value: "FILE", repeat: true, help: "Trust these (PEM, DER, trust bundle), not the common roots" },
        "all-roots": { help: "Without --ca: trust all of Node's roots, not the common ones alone" },
        json: { help: "Print one JSON object" },
    },
    notes: [
        "CHAIN is a file, or - for standard input: PEM, DER, or what openssl s_client -showcerts\n" +
            "prints; the server's own certificate first, the others in any order.",
        "Exit codes:\n  0  good\n  1  refused, with the reason; also a --ca that a board cannot use\n" +
            "  2  wrong command line, or a file that cannot be read or used\n  7  out of memory",
    ],
    examples: [
        ["espruino-tls verify fullchain.pem --host www.example.org", "Before it is installed on a server"],
        ["espruino-tls verify fullchain.pem --host mqtt.example.org --ca own.pem --at 2027-06-01", "Will it still do in June?"],
    ],
    run: verify,
};
