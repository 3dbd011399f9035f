// SPDX-License-Identifier: Apache-2.0
/**
 * The binding of the WebAssembly core: {@link Binding} over an instance of its own.
 *
 * @module
 */
import { ABI_VERSION, ENTRY_ABI, ENTRY_CLOSE, ENTRY_NAMES, ENTRY_OPEN, ENTRY_STAT, STAT_LEAST_ARENA } from "../modules/abi.gen.ts";
import { failure } from "../modules/errors.ts";
import type { Binding } from "../modules/host.ts";
import { loadCore } from "./loader.ts";
import type { Port } from "./loader.ts";
import { Memory, WINDOW, makeMemory } from "./memory.ts";

/** A core that is open: its binding, and the way to close it. */
export interface OpenBinding extends Binding {
    /** Closes the core and wipes its arena; every later call is an error. */
    close(): void;
}

/**
 * Starts a core with an arena of `arena` bytes, and `store` bytes in place of a board's flash.
 *
 * @throws TlsError `ETLS_BAD_ARENA` when it is too small, `ETLS_CORE_FAILED` when it cannot start.
 */
export const openBinding = async function (
    arena: number,
    store: number,
    port: Port,
): Promise<OpenBinding> {
    const shared = makeMemory(arena, store + 8);
    const module = await loadCore(shared, port);
    const memory = new Memory(shared, (size) => module._etls_wasm_reserve(size), arena, store);
    const entries = ENTRY_NAMES.map((name) => {
        const entry = module[`_${name}` as `_etls_${string}`];
        if (entry === undefined) throw new Error(`the core has no entry ${name}`);
        return entry;
    });
    const call = function (entry: number, a: number, b: number, c: number): number {
        const native = entries[entry];
        if (native === undefined) throw new RangeError(`no entry ${entry}`);
        return native(memory.arena, a, b, c);
    };
    if (call(ENTRY_ABI, 0, 0, 0) !== ABI_VERSION) throw new Error("the core has another ABI version");
    const opened = call(ENTRY_OPEN, arena, 0, 0);
    if (opened < 0) throw failure(opened, { arena, needed: call(ENTRY_STAT, STAT_LEAST_ARENA, 0, 0) });
    return {
        window: WINDOW,
        call,
        put: (data, from, length) => memory.put(data, from, length),
        keep: (data) => memory.keep(data),
        wipe: (length) => memory.wipe(length),
        now: () => port.now(),
        get: (address, length) => memory.get(address >>> 0, length),
        close: () => void call(ENTRY_CLOSE, 0, 0, 0),
    };
};
