// SPDX-License-Identifier: Apache-2.0
/**
 * `require("sntp")` on a board: over Espruino's own `dgram` where the firmware has it.
 *
 * @module
 */

import { createSntp } from "./sntp.ts";
import type { SntpCallback, SntpHost, SntpOptions } from "./sntp.ts";

/** Espruino's UDP socket, as far as it is used. */
interface Datagrams {
    on(event: "message", listener: (data: string) => void): void;
    send(data: string, offset: number, length: number, port: number, address: string): void;
    close(): void;
}
declare const require: (name: "dgram") => { createSocket(type: string): Datagrams };
declare const E: { hwRand?: () => number };
declare const process: { env: { MODULES?: string } };

const board: SntpHost = {
    setTime: function (ms) {
        (globalThis as unknown as { setTime(seconds: number): void }).setTime(ms / 1000);
    },
    random: function () {
        return E.hwRand ? E.hwRand() : Math.floor(Math.random() * 0x100000000);
    },
    ticks: function () {
        return Date.now();
    },
};

if ((process.env.MODULES || "").split(",").includes("dgram")) {
    board.open = function (to, received) {
        const socket = require("dgram").createSocket("udp4");
        socket.on("message", received);
        return {
            send: function (data) {
                socket.send(data, 0, data.length, to.port, to.host);
            },
            close: function () {
                socket.close();
            },
        };
    };
}

/** Asks for the time and sets the clock: see {@link createSntp}. */
export const sync = function (options: SntpOptions | string | undefined, callback: SntpCallback): void {
    createSntp(board).sync(options, callback);
};
export { createSntp };
