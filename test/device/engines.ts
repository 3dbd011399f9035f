// SPDX-License-Identifier: Apache-2.0
/**
 * The same script in two engines: Node, which says what is right, and the real Espruino
 * interpreter, built for this machine and named by the environment variable `ESPRUINO`.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import type { Script } from "./tools.ts";

/** The path of the interpreter; undefined: it is not there. */
export const ESPRUINO = process.env["ESPRUINO"];

/** What a script leaves behind. */
export interface Outcome {
    /** `exports.result`, after what was to happen soon has happened. */
    result?: unknown;
    /** Errors thrown out of timers, and out of the script itself. */
    uncaught: string[];
    /** The script did not get as far as to have a result; what the engine printed. */
    failed?: string;
}

/** Milliseconds that scripts have for what they do later, where nothing else is said. */
const SOON = 20;

/** Milliseconds until an interpreter that hangs is ended: it may run in an emulator on a busy machine. */
const LIMIT = 60_000;

/** Interpreters that run at once. */
const AT_ONCE = 2;

/** Runs a script as a module in Node; it can require the given modules. */
export const runInNode = async function (
    code: string,
    modules: Script[] = [],
    soon = SOON,
): Promise<Outcome> {
    const uncaught: string[] = [];
    const guarded = function (act: () => void): () => void {
        return () => {
            try {
                act();
            } catch (error) {
                uncaught.push(String(error));
            }
        };
    };
    const context = createContext({
        setTimeout: (act: () => void, ms: number) => setTimeout(guarded(act), ms),
        clearTimeout,
        queueMicrotask,
        process: { nextTick: process.nextTick, env: {} },
        Modules: { removeCached: (name: string) => void loaded.delete(name) },
    });
    const storage = { read: (name: string) => modules.find((one) => one.name === name)?.code };
    const loaded = new Map<string, object>();
    const load = function (script: Script): object {
        const exports = {};
        loaded.set(script.name, exports);
        const make = `(function (exports, require) {${script.code}\n})`;
        (runInContext(make, context) as (e: object, r: (name: string) => object) => void)(
            exports,
            (name) => {
                if (name === "Storage") return storage;
                return loaded.get(name) ?? load(modules.find((one) => one.name === name) as Script);
            },
        );
        return exports;
    };
    let main: { result?: unknown } = {};
    guarded(() => {
        main = load({ name: "main", code });
    })();
    await new Promise((resolve) => setTimeout(resolve, soon));
    return { ...plain({ result: main.result }), uncaught };
};

let running = 0;
const waiting: (() => void)[] = [];

/** Runs a script as a module in Espruino; it can require the given modules, which lie in Storage. */
export const runInEspruino = async function (
    code: string,
    modules: Script[] = [],
    soon = SOON,
): Promise<Outcome> {
    if (running === AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
        return await interpret(code, modules, soon);
    } finally {
        const next = waiting.shift();
        if (next) next();
        else running--;
    }
};

const interpret = function (code: string, modules: Script[], soon: number): Promise<Outcome> {
    const folder = mkdtempSync(join(tmpdir(), "espruino-"));
    for (const { name, code: text } of modules) {
        writeFileSync(join(folder, `${name}.module`), text, "latin1");
    }
    writeFileSync(join(folder, "run.js"), harness(code, modules, soon));
    return new Promise((resolve) => {
        const options = { cwd: folder, timeout: LIMIT, encoding: "latin1" } as const;
        execFile(ESPRUINO as string, ["run.js"], options, (error, output) => {
            rmSync(folder, { recursive: true, force: true });
            const found = /@@(.*)@@/.exec(output);
            const failed = output.replace(/^[^]*Donate\s*/, "") || String(error);
            resolve(found ? (JSON.parse(found[1] as string) as Outcome) : { uncaught: [], failed });
        });
    });
};

/**
 * A script for the interpreter that runs another one and prints the outcome. What was to happen
 * soon has its time from when the interpreter is idle first, however slowly it started.
 */
const harness = function (code: string, modules: Script[], soon: number): string {
    const written = modules.map(
        ({ name }) => `require("Storage").write("${name}", require("fs").readFileSync("${name}.module"));`,
    );
    // As the boot file does where the firmware has modules of these names.
    const cached = modules.map(({ name, builtIn }) =>
        builtIn ? `Modules.addCached("${name}", require("Storage").read("${name}"));` : "",
    );
    return `var uncaught = [];
process.on("uncaughtException", function (e) { uncaught.push("" + e); });
${written.join("\n")}
${cached.join("\n")}
Modules.addCached("main", ${quote(code)});
var main = require("main");
setTimeout(function () {
    setTimeout(function () {
        print("@@" + JSON.stringify({ result: main.result, uncaught: uncaught }) + "@@");
        quit();
    }, ${soon});
}, 0);
`;
};

/** A string literal in ASCII, as the interpreter reads files byte by byte. */
const quote = function (text: string): string {
    return JSON.stringify(text).replace(/[^ -~]/g, (c) =>
        c.charCodeAt(0) > 255
            ? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`
            : `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`,
    );
};

/** Without what JSON cannot carry, as the outcome of the other engine. */
const plain = function <T>(value: T): T {
    return JSON.parse(JSON.stringify(value)) as T;
};
