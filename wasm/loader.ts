// SPDX-License-Identifier: Apache-2.0
/**
 * Loads the WebAssembly core, alike in Node and in browsers.
 *
 * emscripten-wasm-loader 3.0.3 expects the factory of its time, which returned the module object;
 * since MODULARIZE returns a promise, an adapter hands it the object that the factory fills in
 * place. Its start-up errors throw inside a callback, so they are caught here.
 *
 * @module
 */
import { getModuleLoader } from "emscripten-wasm-loader";
import { binary } from "./etls-binary.js";
import createCore from "./etls-core.js";
import type { CoreModule } from "./etls-core.js";

/** What the core asks of its host: native/include/etls_port.h. */
export interface Port {
    /** Fills `out` with unpredictable bytes; `false` when there are none. */
    random(out: Uint8Array): boolean;
    /** Milliseconds since 1970-01-01 UTC, 0 when the clock is not set. */
    now(): number;
}

type Runtime = CoreModule & { initializeRuntime: (timeout?: number) => Promise<boolean> };

/** Milliseconds that compiling and starting may take, on a slow machine under load. */
const START_TIMEOUT = 60000;

let decoded: Uint8Array | undefined;

/** The module's bytes; decoded once. */
const bytes = function (): Uint8Array {
    if (decoded === undefined) {
        const text = atob(binary);
        decoded = new Uint8Array(text.length);
        for (let at = 0; at < text.length; at += 1) decoded[at] = text.charCodeAt(at);
    }
    return decoded;
};

/**
 * Starts a new instance of the core in `memory`, which it shares with nobody.
 *
 * @throws Error when WebAssembly is missing or refuses the module.
 */
export const loadCore = async function (memory: WebAssembly.Memory, port: Port): Promise<CoreModule> {
    let failed: (reason: unknown) => void = () => undefined;
    const failure = new Promise<never>(function (_, reject) {
        failed = reject;
    });
    const load = getModuleLoader<CoreModule, Runtime>(
        (runtime) => runtime,
        (module) => {
            // The loader's own onAbort throws where nobody can catch it.
            Object.defineProperty(module, "onAbort", { get: () => failed, set: () => undefined });
            createCore(module).catch((reason: unknown) => failed(reason));
            return module as Runtime;
        },
        {
            wasmBinary: bytes(),
            wasmMemory: memory,
            etlsRandom: (out: Uint8Array) => port.random(out),
            etlsNow: () => port.now(),
        },
        { timeout: START_TIMEOUT },
    );
    return Promise.race([load(), failure]);
};
