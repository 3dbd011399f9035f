#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
/**
 * The command line tool: finds the sub-command, runs it, and reports how it failed.
 *
 * @module
 */
import { reasonOf } from "../modules/errors.ts";
import type { TlsError } from "../modules/errors.ts";
import { INSTALL, RUN, TETHER, UNINSTALL } from "./board_commands.ts";
import { CA_BUNDLE } from "./ca_bundle.ts";
import { CA_FETCH } from "./ca_fetch.ts";
import { columns, groupHelp, helpOf, hint, readArguments, usageError } from "./command.ts";
import type { Command } from "./command.ts";
import { ASSESS } from "./entropy_assess.ts";
import { CAPTURE } from "./entropy_capture.ts";
import { EXIT, exitCodeOf } from "./exit.ts";
import { GET } from "./get.ts";
import { harmless } from "./terminal.ts";
import { VERIFY } from "./verify.ts";
import { VERSION } from "./version.ts";

/** All commands, in the order of the help. */
const COMMANDS: Command[] = [GET, VERIFY, CA_FETCH, CA_BUNDLE, INSTALL, UNINSTALL, TETHER, RUN, CAPTURE, ASSESS];

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

/** The names that may stand at a place after some words: `entropy` is before `assess`. */
const namesAfter = function (words: string[]): string[] {
    const under = COMMANDS.map(({ name }) => name.split(" ")).filter((parts) =>
        words.every((word, index) => parts[index] === word));
    return [...new Set(under.map((parts) => parts[words.length] ?? ""))];
};

/** The error for a word that is no command, with what may have been meant. */
const unknown = function (words: string[], name: string): TlsError {
    const text = name.startsWith("-")
        ? `unknown option ${name}`
        : `unknown command ${[...words, name].join(" ")}`;
    if (words.length > 0) return usageError(text + hint(name, namesAfter(words), helpWord(words)));
    const url = /^https:\/\//i.test(name);
    const known = [...namesAfter([]), "--help", "--version"];
    const near = url ? `; did you mean espruino-tls get ${name}?` : hint(name, known, "--help");
    return usageError(text + near);
};

const helpWord = (words: string[]): string => ["espruino-tls", ...words, "--help"].join(" ");

/** Runs the command that the arguments begin with; `words` is what was read of its name. */
const dispatch = async function (words: string[], args: string[]): Promise<number> {
    const command = COMMANDS.find((one) => one.name === words.join(" "));
    if (command) {
        const given = readArguments(command, args);
        if (!given.has("help")) return command.run(given);
        process.stdout.write(helpOf(command));
        return EXIT.ok;
    }
    const [name, ...rest] = args;
    if (name === "--help" || name === "-h") {
        const group = words.join(" ");
        const members = COMMANDS.filter((one) => one.name.startsWith(`${group} `));
        process.stdout.write(words.length > 0 ? groupHelp(group, members) : overview());
        return EXIT.ok;
    }
    if (name === undefined) throw usageError(`no command; ${helpWord(words)} lists what there is`);
    if (!namesAfter(words).includes(name)) throw unknown(words, name);
    return dispatch([...words, name], rest);
};

const main = async function (args: string[]): Promise<number> {
    if (args[0] === "--version" || args[0] === "-V") {
        process.stdout.write(`${VERSION}\n`);
        return EXIT.ok;
    }
    return dispatch([], args);
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
