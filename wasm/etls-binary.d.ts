// SPDX-License-Identifier: Apache-2.0
/** Written by wasm/build.mjs: bytes of memory below the arena, and the WebAssembly module in base64. */
export declare const staticSize: number;
export declare const sanitized: boolean;
export declare const binary: string;
