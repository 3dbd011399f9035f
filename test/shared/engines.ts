// SPDX-License-Identifier: Apache-2.0
/**
 * Where shared specs run: in this process on WebAssembly, in an interpreter on this machine, and on a board
 * at the end of a console.
 */
import { Board } from "../../cli/board/board.ts";
import { install } from "../../cli/board/installer.ts";
import { putFile } from "../../cli/board/storage.ts";
import { Tether } from "../../cli/board/tether.ts";
import { open } from "../../wasm/node.ts";
import { fileURLToPath } from "node:url";
import { builtScripts, compileDevice, ROOT } from "../device/tools.ts";
import type { Script } from "../device/tools.ts";
import type { Peer, Spec } from "./shared.ts";

/** The modules of specs, in the order in which they run. */
export const SPECS: readonly string[] = ["handshakes", "refusals", "bodies", "failures"];

/** Something that runs them. */
export interface Engine {
    /** What it is, for the report. */
    where: string;
    /** Runs a spec and resolves to its value. */
    run(name: string, index: number): Promise<unknown>;
    close(): Promise<void>;
}

/** Bytes of the arena in an interpreter, where it takes the heap of JavaScript. */
const ARENA = 32768;

/** Milliseconds for a spec: a board may be an emulated one on a busy machine. */
const PATIENCE = 300_000;

/** The specs of a module, for Node. */
export const specsOf = async function (name: string): Promise<Spec[]> {
    return ((await import(new URL(`${name}.js`, import.meta.url).href)) as { specs: Spec[] }).specs;
};

/** In Node, on WebAssembly. */
export const openWasm = async function (peers: Record<string, Peer>): Promise<Engine> {
    const core = await open({});
    return {
        where: "in Node, on WebAssembly",
        run: async (name, index) => {
            const [, , act] = (await specsOf(name))[index] as Spec;
            return new Promise((resolve) => act({ ...core, peers }, resolve));
        },
        close: async () => core.close(),
    };
};

/** Name on a board of a module of specs, or of the runner. */
const stored = (name: string): string => `tls-test-${name}`;

/** The runner and the specs, built for boards. */
const compileSpecs = function (): Promise<Script[]> {
    const entries = ["runner", ...SPECS].map((name) => ({ name: stored(name), source: `test/shared/${name}.ts`, requires: [] }));
    return compileDevice(fileURLToPath(ROOT), entries);
};

const RUNNER = `require("${stored("runner")}")`;

/** Expressions that make peers known to the runner. */
const meetPeers = function (peers: Record<string, Peer>): string[] {
    const anchors = [...new Set(Object.values(peers).map(({ ca }) => ca))];
    return [
        ...anchors.map((ca) => `${RUNNER}.trust(atob("${Buffer.from(ca, "latin1").toString("base64")}"))`),
        ...Object.entries(peers).map(([name, { ca, ...rest }]) =>
            `${RUNNER}.meet("${name}",${JSON.stringify(rest)},${anchors.indexOf(ca)})`),
    ];
};

/** Runs a program with files in its folder until it is done, and resolves to the lines that it printed. */
type RunProgram = (program: string, files: Record<string, string>) => Promise<string[]>;

/** In an interpreter on this machine, with its own network: all of them in one program, when it is opened. */
export const openInterpreter = async function (where: string, peers: Record<string, Peer>, run: RunProgram): Promise<Engine> {
    const list = (await Promise.all(SPECS.map(async (name) => (await specsOf(name)).map((_, index) => [name, index])))).flat();
    const modules = [...builtScripts(), ...(await compileSpecs())];
    const program = `
        var storage = require("Storage"), fs = require("fs");
        ${JSON.stringify(modules.map(({ name }) => name))}.forEach(function (n) { storage.write(n, fs.readFileSync(n)); });
        storage.write("tls-config", '{"arena":${ARENA}}');
        setTime(${Date.now() / 1000});
        ${meetPeers(peers).join(";\n")};
        var list = ${JSON.stringify(list)};
        function next() {
            var one = list.shift();
            if (!one) return print("DONE");
            ${RUNNER}.run("${stored("")}" + one[0], one[1], function (value) {
                print("@@ " + JSON.stringify([one[0], one[1], value]));
                setTimeout(next, 300); // what is being closed is forgotten by then
            });
        }
        next();`;
    const files = Object.fromEntries(modules.map(({ name, code }) => [name, code]));
    const lines = (await run(program, files)).map((line) => JSON.parse(line) as [string, number, unknown]);
    return {
        where,
        run: (name, index) => Promise.resolve(lines.find((line) => line[0] === name && line[1] === index)?.[2]),
        close: () => Promise.resolve(),
    };
};

/** Installs, uploads specs and runner, and starts the interpreter anew. */
const prepare = async function (board: Board, log: (text: string) => void): Promise<void> {
    await install(board, { profile: "full", trust: undefined, roots: undefined, arena: undefined }, { step: log, progress: () => undefined });
    for (const { name, code } of await compileSpecs()) {
        await putFile(board, name, Buffer.from(code, "latin1"));
    }
    await board.evaluate("setTimeout(reset,10)&&0");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await board.evaluate(`setTime(${Date.now() / 1000})||0`);
};

/**
 * On a board: installs what is missing, uploads the specs and is its network.
 *
 * @param log - is told what is done
 */
export const openBoard = async function (port: string, peers: Record<string, Peer>, log: (text: string) => void): Promise<Engine> {
    const { log: print, warn, error, info: tell } = console; // are silent from here on
    const board = await Board.open(port);
    await prepare(board, log);
    const tether = new Tether(board);
    await board.evaluate(`${RUNNER}.useTether()||0`);
    for (const meet of meetPeers(peers)) await board.evaluate(`${meet}||0`);
    const info = await board.info();
    return {
        where: `on Espruino ${info.version}, ${info.board}`,
        run: (name, index) => board.call(`function(then){${RUNNER}.run("${stored(name)}",${index},then)}`, PATIENCE),
        close: async () => {
            for (const name of ["runner", ...SPECS]) await board.evaluate(`require("Storage").erase("${stored(name)}")`);
            tether.close();
            board.close();
            Object.assign(console, { log: print, warn, error, info: tell });
        },
    };
};
