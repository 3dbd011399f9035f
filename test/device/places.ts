// SPDX-License-Identifier: Apache-2.0
/**
 * Where programs run on real Espruino: for 32-bit ARM Linux, with files and sockets, and on the Pico's own
 * firmware, which has neither and goes through the tether.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Context } from "mocha";
import { LinuxBoard, skipWithoutArm } from "./linux.ts";
import { Pico, skipWithoutFirmware } from "./pico.ts";

/** Files by name, those of a card where the board has one, otherwise of Storage. */
export type Files = Record<string, string | Uint8Array>;

/** A board on which nothing is installed but our modules, whenever a program starts. */
export interface Place {
    name: string;
    /** It has a file system, where names may be longer than Storage allows, and `url`, which is the firmware's `http`. */
    hasFiles: boolean;
    /** Skips tests, and says why, where it is not there. */
    check(context: Context): void;
    open(): Promise<void>;
    /** Runs a program until it prints DONE; resolves to the rest of its lines with `@@`. */
    run(program: string, files?: Files): Promise<string[]>;
    close(): Promise<void>;
}

/** Espruino for 32-bit ARM Linux. */
const linux = function (): Place {
    let board: LinuxBoard;
    return {
        name: "on 32-bit ARM Linux",
        hasFiles: true,
        check: skipWithoutArm,
        open: () => Promise.resolve(void (board = new LinuxBoard())),
        run: (program, files) => board.run(program, files),
        close: () => Promise.resolve(board?.close()),
    };
};

/** Erases what the program before has written, and the trust anchors of the installation. */
const TIDY = `
    require("Storage").list().forEach(function (name) {
        if (name === "tls-ca" || !/^(tls|https|sntp|\\.)/.test(name)) require("Storage").erase(name);
    });`;

/** The Pico. */
const firmware = function (): Place {
    const pico = new Pico();
    return {
        name: "on the Pico's own firmware",
        hasFiles: false,
        check: skipWithoutFirmware,
        open: async () => {
            await pico.start();
            assert.match((await pico.cli("install")).output, /Installed: /);
        },
        run: async (program, files = {}) => {
            const writes = Object.entries(files).map(([name, data]) =>
                `require("Storage").write("${name}", atob("${Buffer.from(data).toString("base64")}"));`);
            const lines = await pico.run(TIDY + writes.join("\n") + program);
            return lines.map((line) => line.replace(/^@@ ?/, ""));
        },
        close: () => pico.remove(),
    };
};

/** Both of them. */
export const openPlaces = (): Place[] => [linux(), firmware()];
