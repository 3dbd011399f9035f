// SPDX-License-Identifier: Apache-2.0
/**
 * The shared specs (test/shared/): the same in Node on WebAssembly and on boards.
 *
 * `npm run test:board -- --port P` runs them on a board (ETLS_PORT); the emulated Pico with Espruino's
 * own firmware is one when ESPRUINO_RP2040_UF2 and RP2040_BOOTROM name firmware and boot ROM. Espruino for
 * Linux has our core in it when it was built with native/ports/espruino: ESPRUINO_ETLS names such a one;
 * ESPRUINO_ARM names one for 32-bit ARM Linux, as test/device/linux.ts needs it.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import type { Context } from "mocha";
import { Pico, skipWithoutFirmware } from "./device/pico.ts";
import { runProgram } from "./device/interpreter.ts";
import { LinuxBoard, skipWithoutArm } from "./device/linux.ts";
import { openBoard, openInterpreter, openWasm, SPECS, specsOf } from "./shared/engines.ts";
import type { Engine } from "./shared/engines.ts";
import { startPeers } from "./shared/peers.ts";
import type { Peers } from "./shared/peers.ts";
import type { Peer, Spec } from "./shared/shared.ts";

const say = console.log; // the espruino package takes console.log away

/** How many passed, by where they ran. */
const passed: Map<string, number> = new Map();

const modules: [name: string, specs: Spec[]][] = [];
for (const name of SPECS) modules.push([name, await specsOf(name)]);

/** Says that the interpreter with our library is missing. */
const skipWithoutLibrary = function (context: Context): void {
    if (process.env["ESPRUINO_ETLS"]) return;
    say("Shared specs were not run in an interpreter: the environment variable ESPRUINO_ETLS does not name it.");
    context.skip();
};

const nothing = (): void => undefined;

/** Runs all of them in an engine. */
const suite = function (title: string, open: (peers: Record<string, Peer>) => Promise<Engine>, close = nothing as () => unknown, check: (context: Context) => void = nothing): void {
    describe(title, function () {
        this.timeout(600_000);
        let engine: Engine | undefined;
        let peers: Peers | undefined;

        before(async function () {
            check(this);
            peers = await startPeers();
            engine = await open(peers.peers);
        });
        after(async function () {
            await engine?.close();
            await peers?.close();
            await close();
        });

        for (const [name, specs] of modules) {
            describe(name, function () {
                for (const [index, [says, must]] of specs.entries()) {
                    it(says, async function () {
                        assert.deepEqual(await engine?.run(name, index), must);
                        const where = engine?.where ?? "";
                        passed.set(where, (passed.get(where) ?? 0) + 1);
                    });
                }
            });
        }
    });
};

describe("shared specs", function () {
    const port = process.env["ETLS_PORT"];
    if (port === undefined) {
        const pico = new Pico();
        suite("in Node, on WebAssembly", openWasm);
        suite("on Espruino for Linux", (peers) => {
            const interpreter = process.env["ESPRUINO_ETLS"] ?? "";
            const run = runProgram.bind(undefined, interpreter);
            return openInterpreter("on Espruino for Linux, the core in its firmware", peers, run);
        }, nothing, skipWithoutLibrary);
        let arm: LinuxBoard | undefined;
        suite("on Espruino for 32-bit ARM Linux", (peers) => {
            const board = (arm = new LinuxBoard());
            return openInterpreter("on Espruino for 32-bit ARM Linux, the core as an image", peers, board.run.bind(board));
        }, () => arm?.close(), skipWithoutArm);
        suite("on the emulated Pico", async (peers) => {
            await pico.start();
            return openBoard(pico.port, peers, nothing);
        }, () => pico.remove(), skipWithoutFirmware);
    } else {
        suite(`on the board at ${port}`, (peers) => openBoard(port, peers, say));
    }
    after(function () {
        for (const [where, count] of passed) say(`  ${count} shared specs passed ${where}`);
    });
});
