// SPDX-License-Identifier: Apache-2.0
/**
 * The one file that touches the memory of the WebAssembly core.
 *
 * From its start: the core's static data and stack, then the window through which the host hands
 * bytes over, then the arena, then the store, which plays the part of a board's flash:
 * certificates are read from it in place. The size is fixed, so that a view of it stays good for ever.
 *
 * @module
 */

import { staticSize } from "./etls-binary.js";

/** Bytes that can be handed over at once: a whole record of 16,384 bytes with header and tag. */
export const WINDOW = 17 * 1024;

const PAGE = 65536;

/** The most that arena and store may have together; wasm/build.mjs links for a little more. */
const MOST = 60_000_000;

/** Makes a memory that holds an arena and a store of so many bytes, and cannot grow. */
export const makeMemory = function (arena: number, store: number): WebAssembly.Memory {
    if (!(arena >= 0 && store >= 0 && arena + store <= MOST)) {
        throw new RangeError(`arena ${arena} and store ${store} bytes are not within ${MOST} together`);
    }
    const pages = Math.ceil((staticSize + WINDOW + arena + store) / PAGE);
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
};

/** Reads and writes it. Addresses are those of the core. */
export class Memory {
    /** Address of the arena, a multiple of 8. */
    readonly arena: number;
    private readonly view: Uint8Array;
    private readonly window: number;
    /** What the store holds: address by content. */
    private readonly stored: Map<string, number> = new Map();
    private storeNext: number;
    private readonly storeEnd: number;

    /**
     * @param reserve gives the address of so many bytes that nothing else uses, 0 when it cannot
     * @throws RangeError when there is not so much beside the static data.
     */
    constructor(memory: WebAssembly.Memory, reserve: (size: number) => number, arena: number, store: number) {
        this.view = new Uint8Array(memory.buffer);
        const base = reserve(WINDOW + arena + store + 16);
        this.window = (base + 7) & ~7;
        this.arena = this.window + WINDOW;
        this.storeNext = (this.arena + arena + 7) & ~7;
        this.storeEnd = this.storeNext + store;
        if (base === 0 || this.storeEnd > this.view.length) {
            throw new RangeError(`static data, up to ${base}, is more than ${staticSize} bytes`);
        }
    }

    /** Copies up to {@link WINDOW} bytes to where the core can read them; returns the address. */
    put(data: string | Uint8Array, from: number, length: number): number {
        if (length > WINDOW) throw new RangeError(`${length} bytes are more than the window's ${WINDOW}`);
        if (typeof data !== "string") {
            this.view.set(data.subarray(from, from + length), this.window);
        } else {
            for (let at = 0; at < length; at += 1) {
                this.view[this.window + at] = data.charCodeAt(from + at);
            }
        }
        return this.window;
    }

    /** Keeps bytes in the store, the same ones once; returns their address, 0 when it is full. */
    keep(data: string): number {
        const known = this.stored.get(data);
        if (known !== undefined) return known;
        const at = this.storeNext;
        if (at + data.length > this.storeEnd) return 0;
        for (let i = 0; i < data.length; i += 1) this.view[at + i] = data.charCodeAt(i);
        this.storeNext = (at + data.length + 3) & ~3;
        this.stored.set(data, at);
        return at;
    }

    /** Wipes what was put: it may have been a key. */
    wipe(length: number): void {
        this.view.fill(0, this.window, this.window + Math.min(length, WINDOW));
    }

    /** Reads bytes as a binary string. */
    get(address: number, length: number): string {
        let text = "";
        for (let at = 0; at < length; at += 4096) {
            const piece = this.view.subarray(address + at, address + Math.min(at + 4096, length));
            text += String.fromCharCode.apply(null, piece as unknown as number[]);
        }
        return text;
    }
}
