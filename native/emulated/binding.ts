// SPDX-License-Identifier: Apache-2.0
/**
 * The binding of an image in an emulated chip: {@link Binding} as that of the WebAssembly core.
 *
 * @module
 */
import {
    ENTRY_CLOCK_SET, ENTRY_CLOSE, ENTRY_OPEN, ENTRY_STAT, STAT_LEAST_ARENA,
} from "../../modules/abi.gen.ts";
import { failure } from "../../modules/errors.ts";
import type { OpenBinding } from "../../wasm/binding.ts";
import { WINDOW } from "../../wasm/memory.ts";
import { readImage, relocateImage } from "../image/image.ts";
import type { ImageHeader } from "../image/image.ts";
import { Layout } from "./layout.ts";
import type { Machine } from "./machine.ts";

/** What one call cost. */
export interface Cost {
    /** Cycles of the chip. */
    cycles: number;
    /** Bytes of stack, the caller's none. */
    stack: number;
}

/** A core in an emulated chip. */
export class ImageBinding implements OpenBinding {
    readonly window = WINDOW;
    readonly machine: Machine;
    readonly header: ImageHeader;
    /** When set, told what each call cost. */
    onCall: ((entry: number, cost: Cost) => void) | undefined;
    private readonly layout: Layout;
    private readonly stored: Map<string, number> = new Map();
    private storeNext: number;
    private readonly storeEnd: number;

    /**
     * Puts an image into a chip and opens a core with an arena of `arena` bytes.
     *
     * @param image - a whole image, for any address
     * @param store - bytes of flash for certificates
     * @param at - where the image goes; default: where it was made for
     * @throws TlsError `ETLS_BAD_IMAGE`, `ETLS_IMAGE_VERSION`, `ETLS_BAD_ARENA`
     */
    constructor(machine: Machine, image: Uint8Array, arena: number, store: number, at?: number) {
        const placed = at === undefined ? image : relocateImage(image, at);
        this.machine = machine;
        this.header = readImage(placed);
        if (this.header.chip !== machine.chip) {
            throw new RangeError(`the image is for the ${this.header.chip}, not the ${machine.chip}`);
        }
        this.layout = new Layout(machine, arena);
        machine.write(this.header.address, placed);
        this.storeNext = machine.flash.start;
        this.storeEnd = this.storeNext + store;
        const opened = this.call(ENTRY_OPEN, arena, 0, 0);
        if (opened < 0) throw failure(opened, { arena, needed: this.call(ENTRY_STAT, STAT_LEAST_ARENA, 0, 0) });
    }

    call(entry: number, a: number, b: number, c: number): number {
        this.setClock();
        const result = this.run(entry, a, b, c);
        this.machine.elapse(); // not before: the call is made at the very time that was set
        return result;
    }

    put(data: string | Uint8Array, from: number, length: number): number {
        if (length > WINDOW) throw new RangeError(`${length} bytes are more than the window's ${WINDOW}`);
        const piece = typeof data === "string" ? Buffer.from(data.substring(from, from + length), "latin1") : data.subarray(from, from + length);
        this.machine.write(this.layout.window, piece);
        return this.layout.window;
    }

    keep(data: string): number {
        const known = this.stored.get(data);
        if (known !== undefined) return known;
        const at = this.storeNext;
        if (at + data.length > this.storeEnd) return 0;
        this.machine.write(at, Buffer.from(data, "latin1"));
        this.storeNext = (at + data.length + 3) & ~3;
        this.stored.set(data, at);
        return at;
    }

    wipe(length: number): void {
        this.machine.write(this.layout.window, new Uint8Array(length));
    }

    get(address: number, length: number): string {
        return length === 0 ? "" : Buffer.from(this.machine.read(address >>> 0, length)).toString("latin1");
    }

    now(): number {
        return this.machine.port.now();
    }

    /** Closes the core. @throws Error when it wrote where nothing is its own */
    close(): void {
        this.call(ENTRY_CLOSE, 0, 0, 0);
        this.layout.check();
        this.machine.close();
    }

    /** The chip has no clock of its own that was set: it gets ours. A core that is not open yet refuses it. */
    private setClock(): void {
        const now = Math.max(this.now(), 0);
        this.run(ENTRY_CLOCK_SET, now % 2 ** 32, Math.floor(now / 2 ** 32), 0);
    }

    private run(entry: number, a: number, b: number, c: number): number {
        const address = this.header.entries[entry];
        if (address === undefined) throw new RangeError(`no entry ${entry}`);
        if (this.onCall === undefined) return this.machine.call(address, this.layout.arena, a, b, c);
        this.layout.paintStack();
        const before = this.machine.cycles;
        const result = this.machine.call(address, this.layout.arena, a, b, c);
        this.onCall(entry, { cycles: this.machine.cycles - before, stack: this.layout.stackUsed() });
        return result;
    }
}
