// SPDX-License-Identifier: Apache-2.0
/**
 * The host on a board: the image of the native core (docs/IMAGE.md), called by `E.nativeCall`.
 *
 * @module
 */

import { ENTRY_CLOCK_SET, ENTRY_SESSION_NEW } from "./abi.gen.ts";
import { seedCore } from "./board_seed.ts";
import { defaultTransport, defaultTrust, openLibrary, openNative, WINDOW } from "./board_setup.ts";
import { ERR_BAD_CORE } from "./errors.gen.ts";
import type { Binding, Host, Transport } from "./host.ts";
import { IMAGE_ADDRESS_AT, IMAGE_BUILD_AT, IMAGE_ENTRY_AT } from "./image.gen.ts";

/** Where the native side lies; addresses and bytes. */
export interface Native {
    /** The image, and its build id. */
    image: number;
    build: number;
    arena: number;
    size: number;
    /** Where bytes are put that the core is to read, {@link WINDOW} bytes. */
    window: number;
    /** A word above both that only a stack that has grown too far changes, and what it holds. */
    guard: number;
    mark: number;
    /** The flat string that holds arena and window, where they lie in the heap of JavaScript. */
    block: string | undefined;
}

/** A value of 32 bits as `E.nativeCall` takes it: signed. */
const signed = function (value: number): number {
    return value >= 2147483648 ? value - 4294967296 : value;
};

const makeBinding = function (native: Native): Binding {
    const view = new Uint8Array(E.toArrayBuffer(E.memoryArea(native.window, WINDOW)));
    const run = function (entry: number, a: number, b: number, c: number): number {
        const image = native.image;
        // Storage moves files when it is compacted, and the heap its strings when it is full.
        if (
            peek32(image + IMAGE_ADDRESS_AT) !== image || peek32(image + IMAGE_BUILD_AT) !== native.build ||
            peek32(native.guard) !== native.mark ||
            (native.block !== undefined && E.getAddressOf(native.block, true) === 0)
        ) {
            return ERR_BAD_CORE;
        }
        const at = peek32(image + IMAGE_ENTRY_AT + entry * 4);
        return E.nativeCall(at, "int(int,int,int,int)")(native.arena, a, b, c);
    };
    return {
        window: WINDOW,
        call: function (entry, a, b, c) {
            if (entry === ENTRY_SESSION_NEW) {
                const now = Date.now();
                const high = Math.floor(now / 4294967296);
                run(ENTRY_CLOCK_SET, signed(now - high * 4294967296), high, 0);
            }
            return run(entry, a, b, c);
        },
        put: function (data, from, length) {
            const at = typeof data === "string" ? E.getAddressOf(data, true) : 0;
            if (at > 0) return at + from;
            const piece: unknown = typeof data === "string" ? data.substr(from, length) : data.subarray(from, Math.min(from + length, data.length));
            view.set(piece as ArrayLike<number>);
            return native.window;
        },
        keep: function (data) {
            const at = E.getAddressOf(data, true);
            return at < 0x20000000 ? at : 0; // flash; what lies in RAM is copied
        },
        wipe: function (length) {
            view.set(E.toString({ data: 0, count: length }));
        },
        get: function (address, length) {
            return "" + E.memoryArea(address, length);
        },
    };
};

/** The host; `setTransport` replaces what moves ciphertext. */
export const boardHost = function (): { host: Host; setTransport(transport: Transport): void } {
    let chosen: Transport | undefined;
    const host: Host = {
        transport: {
            connect: function (to, ready) {
                if (!chosen) chosen = defaultTransport();
                return chosen.connect(to, ready);
            },
        },
        binding: undefined,
        ready: function (callback) {
            let error: unknown;
            try {
                if (!host.binding) {
                    const binding = openLibrary() || makeBinding(openNative());
                    seedCore(binding);
                    host.binding = binding;
                }
            } catch (thrown) {
                error = thrown;
            }
            callback(error);
        },
        defaultCA: function () {
            return defaultTrust(host);
        },
        readFile: function (name) {
            const stored = name.length > 28 ? undefined : (require("Storage") as { read(name: string): string | undefined }).read(name);
            if (stored !== undefined || !/,fs,/.test("," + process.env["MODULES"] + ",")) return stored;
            try {
                return (require("fs") as { readFileSync(name: string): string | undefined }).readFileSync(name) || undefined;
            } catch (error) {
                return undefined; // there is no card, or no such file on it
            }
        },
    };
    return {
        host,
        setTransport: function (transport) {
            chosen = transport;
        },
    };
};
