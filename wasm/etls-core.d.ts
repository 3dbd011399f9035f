// SPDX-License-Identifier: Apache-2.0
/** What wasm/build.mjs puts into dist/wasm/etls-core.js: Emscripten's loader. */
export interface CoreModule {
    wasmBinary: Uint8Array;
    wasmMemory: WebAssembly.Memory;
    /** The port's imports, wasm/port.js. */
    etlsRandom: (out: Uint8Array) => boolean;
    etlsNow: () => number;
    /** Address of so many bytes that the host may use as it likes, 0 when there are not so many. */
    _etls_wasm_reserve(size: number): number;
    [entry: `_etls_${string}`]: ((...values: number[]) => number) | undefined;
}
declare const createCore: (module: object) => Promise<CoreModule>;
export default createCore;
