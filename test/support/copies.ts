// SPDX-License-Identifier: Apache-2.0
/**
 * Cores whose whole memory can be copied, as a snapshot or a fork does it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ENTRY_CLOSE, ENTRY_NAMES, ENTRY_OPEN } from "../../modules/abi.gen.ts";
import { loadCore } from "../../wasm/loader.ts";
import type { Port } from "../../wasm/loader.ts";
import { Memory, WINDOW, makeMemory } from "../../wasm/memory.ts";
import { Core } from "./abi.ts";

const ARENA = 65536;

/** A core and its memory. */
export interface Copyable {
    core: Core;
    /** All of it: arena, static data, stack. */
    memory: Uint8Array;
}

/** Opens a core whose memory is at hand. */
export async function openCopyable(port: Port): Promise<Copyable> {
    const shared = makeMemory(ARENA, 0);
    const module = await loadCore(shared, port);
    const memory = new Memory(shared, (size) => module._etls_wasm_reserve(size), ARENA, 0);
    const call = (entry: number, a: number, b: number, c: number): number => {
        const native = module[`_${ENTRY_NAMES[entry]}` as `_etls_${string}`];
        assert.ok(native);
        return native(memory.arena, a, b, c);
    };
    assert.equal(call(ENTRY_OPEN, ARENA, 0, 0), 0);
    const core = new Core({
        window: WINDOW,
        call,
        put: (data, from, length) => memory.put(data, from, length),
        keep: () => 0,
        wipe: (length) => memory.wipe(length),
        get: (address, length) => memory.get(address >>> 0, length),
        now: () => port.now(),
        close: () => void call(ENTRY_CLOSE, 0, 0, 0),
    });
    return { core, memory: new Uint8Array(shared.buffer) };
}
