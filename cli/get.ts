// SPDX-License-Identifier: Apache-2.0
/**
 * `espruino-tls get`: fetches a URL as a board would, in as little memory.
 *
 * @module
 */
import { createWriteStream, openSync } from "node:fs";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { reasonOf } from "../modules/errors.ts";
import type { TlsError } from "../modules/errors.ts";
import type { IncomingMessage } from "../modules/https.ts";
import { sufficientBudget } from "./budget.ts";
import { usageError } from "./command.ts";
import type { Arguments, Command } from "./command.ts";
import { exchange } from "./exchange.ts";
import type { Exchange } from "./exchange.ts";
import { EXIT, EXIT_HELP, exitCodeOf } from "./exit.ts";
import { GET_OPTIONS, readJob } from "./get_options.ts";
import type { GetJob } from "./get_options.ts";
import { connectionLines, jsonOf, responseLines, summaryLines } from "./get_report.ts";
import { Progress } from "./progress.ts";
import { harmless } from "./terminal.ts";

const say = function (lines: string[]): void {
    process.stderr.write(lines.map((line) => `${line}\n`).join(""));
};

const warn = function (text: string): void {
    say([`espruino-tls: ${text}`]);
};

/**
 * Where the body goes: a file, standard output, or with `--json` nowhere. Only called with a
 * response, so that a failure before it does not empty a file that is there.
 */
const openOutput = function (job: GetJob): Writable | undefined {
    if (job.output === undefined) return job.json ? undefined : process.stdout;
    try {
        return createWriteStream("", { fd: openSync(job.output, "w") });
    } catch (error) {
        throw usageError(`cannot write ${job.output}: ${reasonOf(error)}`);
    }
};

/** What is worth knowing even without `-v`. */
const warnings = function (response: IncomingMessage, verified: string | undefined): string[] {
    const { statusCode, headers } = response;
    const location = headers["location"];
    const found: string[] = [];
    if (verified) found.push(`warning: the server was not verified: ${verified}`);
    if (statusCode >= 300 && statusCode < 400 && location !== undefined) {
        const target = harmless(String(location));
        found.push(`status ${statusCode}; redirects are not followed: ${target}`);
    }
    return found;
};

/** Sends the body on its way: to where it is wanted, into `kept`, and past the progress bar. */
const takeBody = function (
    job: GetJob,
    response: IncomingMessage,
    output: Writable | undefined,
    kept: Buffer[],
): Progress {
    // On one terminal the bar would be among the lines of the body.
    const bar = output === process.stdout && process.stdout.isTTY ? undefined : process.stderr;
    const progress = new Progress(bar, Number(response.headers["content-length"]) || undefined);
    response.on("data", (data) => {
        progress.add(data.length);
        if (job.includeBody) kept.push(Buffer.from(data, "latin1"));
    });
    if (output) response.pipe(output, { end: false });
    // What cannot be written need not be fetched.
    output?.once("error", (error) => response.destroy(error));
    return progress;
};

/** Ends a file and waits until it is written. */
const closeOutput = async function (job: GetJob, output: Writable | undefined): Promise<void> {
    if (!output || output === process.stdout) return;
    try {
        await finished(output.end());
    } catch (error) {
        throw usageError(`cannot write ${job.output}: ${reasonOf(error)}`);
    }
};

/** Fetches, and takes the body on the way. */
const fetchBody = async function (job: GetJob, kept: Buffer[]): Promise<Exchange> {
    let output: Writable | undefined;
    let progress: Progress | undefined;
    let insecure: string | undefined;
    try {
        return await exchange(job, {
            connected(facts) {
                insecure = facts.authorizationError;
                if (job.verbose) say(connectionLines(facts));
            },
            response(response) {
                if (job.verbose) say(responseLines(response));
                warnings(response, insecure).forEach(warn);
                try {
                    output = openOutput(job);
                    progress = takeBody(job, response, output, kept);
                } catch (error) {
                    response.destroy(error);
                }
            },
        });
    } finally {
        progress?.stop();
        await closeOutput(job, output);
    }
};

/** Adds to an error about memory what would help. */
const explainMemory = async function (job: GetJob, error: TlsError): Promise<TlsError> {
    const budget = await sufficientBudget(job);
    const advice = budget === undefined ? "give a larger --budget" : `--budget ${budget} would do`;
    error.message = `${error.message.split(";")[0]}; ${advice}`;
    return budget === undefined ? error : Object.assign(error, { budget });
};

const get = async function (job: GetJob): Promise<number> {
    const kept: Buffer[] = [];
    const done = await fetchBody(job, kept).catch(async (error: TlsError) => {
        throw exitCodeOf(error.code) === EXIT.memory ? await explainMemory(job, error) : error;
    });
    if (job.verbose) say(summaryLines(done));
    if (job.json) {
        const { body, ...facts } = jsonOf(job.url, done);
        const more = job.includeBody ? { base64: Buffer.concat(kept).toString("base64") } : {};
        const file = job.output === undefined ? {} : { file: job.output };
        const all = { ...facts, body: { ...(body as object), ...file, ...more } };
        process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
    }
    const status = done.response.statusCode;
    if (!job.fail || status < 400) return EXIT.ok;
    if (!job.json) warn(`HTTP status ${status} ${harmless(done.response.statusMessage)}`);
    return EXIT.httpStatus;
};

/** The command. */
export const GET: Command = {
    name: "get",
    summary: "Fetches a URL over verified TLS, in a given amount of memory",
    usage: "URL [options]",
    options: GET_OPTIONS,
    notes: [
        "The body goes to standard output or FILE, everything else to standard error.\n" +
            "Memory is counted by the allocator that boards run. -v and --json keep the whole\n" +
            "chain in it, which costs about 300 bytes a certificate.",
        EXIT_HELP,
    ],
    examples: [
        ["espruino-tls get https://example.org/", "Print a page"],
        [
            "espruino-tls get https://192.168.1.5/log --ca root.pem --budget 32k -v -o log.bin",
            "Would it fit into 32 KB? Trust one root, and show what happens",
        ],
        [
            "espruino-tls get https://example.org/api -H 'X-Key: 7' -d '{\"on\":1}' --json",
            "Post, and give all facts to a program",
        ],
    ],
    run: (given: Arguments) => get(readJob(given)),
};
