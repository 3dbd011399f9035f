// SPDX-License-Identifier: Apache-2.0
/**
 * A native session as an object: what `etls_session_*` of native/include/etls.h do, on binary
 * strings in place of addresses.
 *
 * @module
 */

import {
    ENTRY_SESSION_FORGET, ENTRY_SESSION_FREE, ENTRY_SESSION_GET, ENTRY_SESSION_READ, ENTRY_SESSION_SENT,
    ENTRY_SESSION_WRITE, GET_DATA, GET_DATA_SIZE, GET_OUTPUT_DATA, GET_OUTPUT_SIZE, GET_SESSION_DATA,
    GET_SESSION_SIZE,
} from "./abi.gen.ts";
import type { Binding } from "./host.ts";

/** One native session. After {@link Session.free} every call is a harmless error. */
export class Session {
    /** @internal */
    _binding: Binding;
    /** 0 once it is freed. @internal */
    _handle: number;

    constructor(binding: Binding, handle: number) {
        this._binding = binding;
        this._handle = handle;
    }

    /** Calls an entry that takes a session and up to two values. */
    _call(entry: number, a: number, b: number): number {
        return this._binding.call(entry, this._handle, a, b);
    }

    /**
     * Hands over bytes from `from` on: ciphertext to `ENTRY_SESSION_FEED`, plaintext to
     * `ENTRY_SESSION_WRITE`. Returns how many were taken, or an error.
     */
    _put(entry: number, data: string | Uint8Array, from: number): number {
        const binding = this._binding;
        const length = Math.min(data.length - from, binding.window);
        const taken = this._call(entry, binding.put(data, from, length), length);
        if (entry === ENTRY_SESSION_WRITE) binding.wipe(length);
        return taken;
    }

    /** The ciphertext (`output`) or plaintext that waits, or `most` bytes of it, which is then the caller's. */
    _take(output: boolean, most?: number): string {
        const size = most || this._call(ENTRY_SESSION_GET, output ? GET_OUTPUT_SIZE : GET_DATA_SIZE, 0);
        if (size <= 0) return "";
        const at = this._call(ENTRY_SESSION_GET, output ? GET_OUTPUT_DATA : GET_DATA, 0);
        const data = this._binding.get(at, size);
        this._call(output ? ENTRY_SESSION_SENT : ENTRY_SESSION_READ, size, 0);
        return data;
    }

    /** The session that can be resumed, which is then the caller's. */
    _takeSaved(): string {
        const size = this._call(ENTRY_SESSION_GET, GET_SESSION_SIZE, 0);
        const saved = this._binding.get(this._call(ENTRY_SESSION_GET, GET_SESSION_DATA, 0), size);
        this._call(ENTRY_SESSION_FORGET, 0, 0);
        return saved;
    }

    /** Frees the native side; may be called again. */
    free(): void {
        if (this._handle > 0) this._call(ENTRY_SESSION_FREE, 0, 0);
        this._handle = 0;
    }
}
