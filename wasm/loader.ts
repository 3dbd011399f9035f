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
import { decode } from "./base64.ts";
import { binary } from "./etls-binary.js";
import createCore from "./etls-core.js";
import type { CoreModule } from "./etls-core.js";

/** A noise source: `etls_source` of native/include/etls_port.h. */
export interface EntropySource {
    /** A short name for errors and reports. */
    name: string;
    /** Bits that a sample can differ in, 1 to 8. */
    width: number;
    /** Min-entropy claimed of a sample, in 1/16 bit. */
    credit: number;
    /** Whether the generator may be reseeded from it for every request. */
    fast: boolean;
    /**
     * Fills `samples` from its start, one a byte; returns how many there are, 0 when there is none
     * just now, -1 when it cannot work.
     */
    poll(samples: Uint8Array): number;
}

/** What the core asks of its host: native/include/etls_port.h. */
export interface Port {
    /** Fills `out` with unpredictable bytes; `false` when there are none. */
    random(out: Uint8Array): boolean;
    /** Milliseconds since 1970-01-01 UTC, 0 when the clock is not set. */
    now(): number;
    /** Noise sources in place of `random`, two at most: to simulate those of a board. */
    sources?: EntropySource[] | undefined;
    /** What tells this host from others, 16 bytes at most; no secret. */
    identity?: Uint8Array | undefined;
}

/** A system's own generator gives full entropy: 8 bits of a byte, in 1/16 bit. */
const FULL = 128;

/** The sources of a port. */
const sourcesOf = function (port: Port): EntropySource[] {
    const poll = (samples: Uint8Array): number => (port.random(samples) ? samples.length : -1);
    return port.sources ?? [{ name: "host", width: 8, credit: FULL, fast: true, poll }];
};

/** The imports of native/ports/wasm, as wasm/port.js calls them. */
const importsOf = function (port: Port): Record<string, unknown> {
    const sources = sourcesOf(port);
    return {
        etlsSource: (index: number, number: number): number => {
            const source = sources[index];
            if (source === undefined) return 0;
            return [source.width, source.credit, source.fast ? 1 : 0][number] ?? 0;
        },
        etlsSourceName: (index: number) => sources[index]?.name ?? "",
        etlsPoll: (index: number, samples: Uint8Array) => sources[index]?.poll(samples) ?? -1,
        etlsIdentity: (out: Uint8Array): number => {
            const identity = (port.identity ?? new Uint8Array(0)).subarray(0, out.length);
            out.set(identity);
            return identity.length;
        },
        etlsNow: () => port.now(),
    };
};

type Runtime = CoreModule & { initializeRuntime: (timeout?: number) => Promise<boolean> };

/** Milliseconds that compiling and starting may take, on a slow machine under load. */
const START_TIMEOUT = 60000;

let decoded: Uint8Array | undefined;

/** The module's bytes; decoded once. */
const bytes = function (): Uint8Array {
    decoded ??= decode(binary);
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
            ...importsOf(port),
        },
        { timeout: START_TIMEOUT },
    );
    return Promise.race([load(), failure]);
};
