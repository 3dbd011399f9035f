#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
/**
 * The command line tool: finds the sub-command, runs it, and reports how it failed.
 *
 * @module
 */
import { reasonOf } from "../modules/errors.ts";
import type { TlsError } from "../modules/errors.ts";
import { columns, helpOf, hint, readArguments, usageError } from "./command.ts";
import type { Command } from "./command.ts";
import { EXIT, exitCodeOf } from "./exit.ts";
import { GET } from "./get.ts";
import { harmless } from "./terminal.ts";
import { VERSION } from "./version.ts";

/** All commands, in the order of the help. */
const COMMANDS: Command[] = [GET];

const overview = function (): string {
    const commands = COMMANDS.map(({ name, usage, summary }): [string, string] => [
        `${name} ${usage}`,
        summary,
    ]);
    return (
        "Usage: espruino-tls COMMAND [options]\n\n" +
        "Verified TLS for JavaScript microcontrollers, tried out on the desktop.\n\n" +
        `Commands:\n${columns(commands)}\nOptions:\n` +
        columns([
            ["-h, --help", "This text; after a command, its options and examples"],
            ["-V, --version", "The version"],
        ]) +
        `\nExample:\n  ${COMMANDS[0]?.examples[0]?.[0]}\n`
    );
};

const main = async function (args: string[]): Promise<number> {
    const [name, ...rest] = args;
    if (name === "--help" || name === "-h") {
        process.stdout.write(overview());
        return EXIT.ok;
    }
    if (name === "--version" || name === "-V") {
        process.stdout.write(`${VERSION}\n`);
        return EXIT.ok;
    }
    if (name === undefined) throw usageError("no command; espruino-tls --help lists what there is");
    const command = COMMANDS.find((one) => one.name === name);
    if (!command) {
        const known = [...COMMANDS.map((one) => one.name), "--help", "--version"];
        const kind = name.startsWith("-") ? "option" : "command";
        const url = /^https:\/\//i.test(name);
        const near = url ? `; did you mean espruino-tls get ${name}?` : hint(name, known, "--help");
        throw usageError(`unknown ${kind} ${name}${near}`);
    }
    const given = readArguments(command, rest);
    if (!given.has("help")) return command.run(given);
    process.stdout.write(helpOf(command));
    return EXIT.ok;
};

/** Tells on stderr, and with `--json` on standard output too. */
const report = function (error: unknown, json: boolean): number {
    const { code, errno, budget } = error as TlsError & { budget?: number };
    const message = harmless(reasonOf(error));
    process.stderr.write(`espruino-tls: ${code ?? "ETLS_INTERNAL"}: ${message}\n`);
    if (json) {
        const object = { error: { code: code ?? "ETLS_INTERNAL", errno, message, budget } };
        process.stdout.write(`${JSON.stringify(object, null, 2)}\n`);
    }
    return exitCodeOf(code);
};

// A reader that has enough (`| head`) is no failure, and nobody is left to be told.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? EXIT.ok : report(error, false));
});

const args = process.argv.slice(2);
try {
    process.exitCode = await main(args);
} catch (error) {
    process.exitCode = report(error, args.includes("--json"));
}
