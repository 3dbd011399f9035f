// SPDX-License-Identifier: Apache-2.0
/**
 * The native core that a firmware has in it, as library `tlsnative`: native/ports/espruino.
 *
 * @module
 */

import { ABI_VERSION, ENTRY_ABI, ENTRY_CLOCK_SET, ENTRY_OPEN, ENTRY_SESSION_NEW, ENTRY_STAT, STAT_LEAST_ARENA } from "./abi.gen.ts";
import { failure } from "./errors.ts";
import { ERR_BAD_ARENA, ERR_CORE_FAILED } from "./errors.gen.ts";
import type { Binding } from "./host.ts";

/** The library. */
interface Firmware extends Pick<Binding, "call" | "put" | "get" | "wipe" | "window"> {
    /** Makes room for the core; returns the bytes, 0 when there is no room. */
    open(size: number): number;
}

/**
 * Opens it.
 *
 * @param wanted - bytes of the arena; undefined: half of what JavaScript has free
 * @throws TlsError `ETLS_CORE_FAILED`, `ETLS_BAD_ARENA`
 */
export const openFirmware = function (wanted: number | undefined): Binding {
    const firmware = require("tlsnative") as Firmware;
    const memory = process.memory();
    const asked = wanted || Math.floor((memory.free * memory.blocksize) / 2) - firmware.window;
    const abi = firmware.call(ENTRY_ABI, 0, 0, 0);
    if (abi !== ABI_VERSION) {
        throw failure(ERR_CORE_FAILED, { detail: "the firmware has ABI version " + abi + " and the modules " + ABI_VERSION });
    }
    const size = firmware.open(asked);
    if (size === 0) throw failure(ERR_BAD_ARENA, { needed: asked });
    const error = firmware.call(ENTRY_OPEN, size, 0, 0);
    if (error < 0) throw failure(error, { needed: firmware.call(ENTRY_STAT, STAT_LEAST_ARENA, 0, 0) });
    return {
        window: firmware.window,
        call: function (entry, a, b, c) {
            if (entry === ENTRY_SESSION_NEW) {
                const now = Date.now();
                const high = Math.floor(now / 4294967296);
                firmware.call(ENTRY_CLOCK_SET, (now - high * 4294967296) | 0, high, 0);
            }
            return firmware.call(entry, a, b, c);
        },
        put: firmware.put,
        get: firmware.get,
        wipe: firmware.wipe,
    };
};
