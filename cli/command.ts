// SPDX-License-Identifier: Apache-2.0
/**
 * What a sub-command is, how its arguments are read and how its help is written: all three from
 * one table of options.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { makeError } from "../modules/errors.ts";
import type { TlsError } from "../modules/errors.ts";

/** An option of the command line. */
export interface Option {
    /** One letter. */
    short?: string;
    /** What its value is called in the help; without it the option is a switch. */
    value?: string;
    /** May be given several times. */
    repeat?: true;
    /** A sentence without its full stop; continued lines are separated by `\n`. */
    help: string;
}

/** The options of a command by their long name. */
export interface Options {
    [name: string]: Option;
}

/** A sub-command: `espruino-tls NAME …`. */
export interface Command {
    name: string;
    /** What it does, for the list of commands. */
    summary: string;
    /** What follows the name, such as `URL [options]`. */
    usage: string;
    options: Options;
    /** Paragraphs after the options. */
    notes: string[];
    /** Full command lines, each with what it does. */
    examples: [line: string, meaning: string][];
    /** Does the work; returns the exit code. Failures are thrown. */
    run(given: Arguments): Promise<number>;
}

/** Arguments that were checked against a command's options. */
export interface Arguments {
    positionals: string[];
    /** Whether a switch was given. */
    has(name: string): boolean;
    /** The value of an option, the last one if it was given several times. */
    text(name: string): string | undefined;
    /** All values of an option. */
    list(name: string): string[];
}

/** The one option that every command has. */
const HELP: Options = { help: { short: "h", help: "This text" } };

/** Makes the error of a wrong command line: code `ETLS_USAGE`. */
export const usageError = function (message: string): TlsError {
    return makeError("ETLS_USAGE", message);
};

/** How many letters have to be changed, added or left out to come from one word to the other. */
const distance = function (from: string, to: string): number {
    let row = Array.from({ length: to.length + 1 }, (_, at) => at);
    for (let i = 0; i < from.length; i += 1) {
        const next = [i + 1];
        for (let j = 0; j < to.length; j += 1) {
            const swap = (row[j] ?? 0) + (from[i] === to[j] ? 0 : 1);
            next.push(Math.min(swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
        }
        row = next;
    }
    return row[to.length] ?? 0;
};

/** "; did you mean …?" with the word that is nearest, or the way to the help. */
export const hint = function (wrong: string, known: string[], help: string): string {
    const ranked = known
        .map((word): [string, number] => [word, distance(wrong, word)])
        .sort((a, b) => a[1] - b[1]);
    const [word, changes] = ranked[0] ?? ["", Infinity];
    const near = word.startsWith(wrong) || changes <= Math.max(2, wrong.length / 2);
    return near ? `; did you mean ${word}?` : `; ${help} lists what there is`;
};

const spelling = function (name: string): string {
    return name.length === 1 ? `-${name}` : `--${name}`;
};

/** The words that {@link hint} may propose: for a letter only the same one in the other case. */
const spellings = function (options: Options, wrong: string): string[] {
    if (wrong.length > 1) return Object.keys(options).map(spelling);
    const letters = Object.values(options).flatMap(({ short }) => short ?? []);
    return letters.filter((one) => one.toLowerCase() === wrong.toLowerCase()).map(spelling);
};

/**
 * Reads a command's arguments.
 *
 * @throws TlsError `ETLS_USAGE`: an unknown option with the nearest one, a value missing or too
 * many.
 */
export const readArguments = function (command: Command, args: string[]): Arguments {
    const options: Options = { ...command.options, ...HELP };
    const help = `espruino-tls ${command.name} --help`;
    // Not strict: its messages are for programmers.
    const { tokens, positionals } = parseArgs({
        args,
        strict: false,
        allowPositionals: true,
        tokens: true,
        options: Object.fromEntries(
            Object.entries(options).map(([name, { short, value }]) => [
                name,
                {
                    type: value ? ("string" as const) : ("boolean" as const),
                    ...(short ? { short } : {}),
                },
            ]),
        ),
    });
    const values = new Map<string, string[]>();
    for (const token of tokens) {
        if (token.kind !== "option") continue;
        const { name, rawName, value } = token;
        const option = Object.hasOwn(options, name) ? options[name] : undefined;
        if (!option) {
            const near = hint(spelling(name), spellings(options, name), help);
            throw usageError(`unknown option ${spelling(name)}${near}`);
        }
        if (!option.value && value !== undefined) throw usageError(`${rawName} takes no value`);
        const swallowed = token.inlineValue === false && isOption(options, value);
        if (option.value && (value === undefined || swallowed)) {
            throw usageError(`${rawName} needs a value: ${rawName} ${option.value}`);
        }
        const before = option.repeat ? (values.get(name) ?? []) : [];
        values.set(name, [...before, value ?? ""]);
    }
    return {
        positionals,
        has: (name) => values.has(name),
        text: (name) => values.get(name)?.at(-1),
        list: (name) => values.get(name) ?? [],
    };
};

/** Whether a value is in truth the next option, its own being forgotten. */
const isOption = function (options: Options, value: string | undefined): boolean {
    return Object.entries(options).some(
        ([name, { short }]) => value === `--${name}` || (short && value === `-${short}`),
    );
};

/** Lines of two columns, the second one indented to the same place. */
export const columns = function (rows: [left: string, right: string][]): string {
    const width = Math.max(...rows.map(([left]) => left.length)) + 2;
    const pad = "\n" + " ".repeat(width + 2);
    return rows
        .map(([left, right]) => `  ${left.padEnd(width)}${right.replaceAll("\n", pad)}\n`)
        .join("");
};

/** The help of a command. */
export const helpOf = function (command: Command): string {
    const rows = Object.entries({ ...command.options, ...HELP }).map(
        ([name, { short, value, help, repeat }]): [string, string] => {
            const names = `${short ? `-${short}, ` : "    "}--${name}`;
            return [`${names}${value ? ` ${value}` : ""}${repeat ? " …" : ""}`, help];
        },
    );
    const notes = command.notes.map((note) => `\n${note}\n`).join("");
    const examples = command.examples.map(([line, meaning]) => `  # ${meaning}\n  ${line}\n`);
    return (
        `Usage: espruino-tls ${command.name} ${command.usage}\n\n${command.summary}.\n\n` +
        `Options:\n${columns(rows)}${notes}\nExamples:\n${examples.join("")}`
    );
};

/** The help of commands whose names begin with the same word. */
export const groupHelp = function (group: string, commands: Command[]): string {
    const rows = commands.map(({ name, usage, summary }): [string, string] => [
        `${name.slice(group.length + 1)} ${usage}`,
        summary,
    ]);
    const examples = commands.flatMap(({ examples: all }) =>
        all.slice(0, 1).map(([line, meaning]) => `  # ${meaning}\n  ${line}\n`));
    return (
        `Usage: espruino-tls ${group} COMMAND [options]\n\nCommands:\n${columns(rows)}\n` +
        `espruino-tls ${group} COMMAND --help tells more.\n\nExamples:\n${examples.join("")}\n` +
        "Exit codes: those of the command.\n"
    );
};
