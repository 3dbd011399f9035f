// SPDX-License-Identifier: Apache-2.0
/** Written by wasm/estimators.mjs: the WebAssembly module in base64. */
export declare const binary: string;
