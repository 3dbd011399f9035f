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

/** Milliseconds until an interpreter that hangs is ended, more for scripts that take longer. */
const limit = (soon: number): number => 3000 + 20 * soon;

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
        process: { nextTick: process.nextTick },
    });
    const loaded = new Map<string, object>();
    const load = function (script: Script): object {
        const exports = {};
        loaded.set(script.name, exports);
        const make = `(function (exports, require) {${script.code}\n})`;
        (runInContext(make, context) as (e: object, r: (name: string) => object) => void)(
            exports,
            (name) => loaded.get(name) ?? load(modules.find((one) => one.name === name) as Script),
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

/** Runs a script as a module in Espruino; it can require the given modules. */
export const runInEspruino = function (
    code: string,
    modules: Script[] = [],
    soon = SOON,
): Promise<Outcome> {
    const folder = mkdtempSync(join(tmpdir(), "espruino-"));
    for (const { name, code: text } of modules) {
        writeFileSync(join(folder, `${name}.module`), text, "latin1");
    }
    const names = modules.map(({ name }) => name);
    writeFileSync(join(folder, "run.js"), harness(code, names, soon));
    return new Promise((resolve) => {
        const options = { cwd: folder, timeout: limit(soon), encoding: "latin1" } as const;
        execFile(ESPRUINO as string, ["run.js"], options, (error, output) => {
            rmSync(folder, { recursive: true, force: true });
            const found = /@@(.*)@@/.exec(output);
            const failed = output.replace(/^[^]*Donate\s*/, "") || String(error);
            resolve(found ? (JSON.parse(found[1] as string) as Outcome) : { uncaught: [], failed });
        });
    });
};

/** A script for the interpreter that runs another one and prints the outcome. */
const harness = function (code: string, modules: string[], soon: number): string {
    const added = modules.map(
        (name) => `Modules.addCached("${name}", require("fs").readFileSync("${name}.module"));`,
    );
    return `var uncaught = [];
process.on("uncaughtException", function (e) { uncaught.push("" + e); });
${added.join("\n")}
Modules.addCached("main", ${quote(code)});
var main = require("main");
setTimeout(function () {
    print("@@" + JSON.stringify({ result: main.result, uncaught: uncaught }) + "@@");
    quit();
}, ${soon});
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
