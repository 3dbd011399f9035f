// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** Texts that lie beside the modules in a board's Storage, and are read there in place. */
import { readFileSync } from "node:fs";
import ts from "typescript";

/**
 * The texts by name in Storage, each the one export of a file: `NAME` of `name.gen.ts`.
 * @type {{ name: string, source: string, constant: string }[]}
 */
export const TEXTS = [
    { name: "tls-text", source: "modules/sentences.gen.ts", constant: "SENTENCES" },
];

/** @param {string} id */
export const isText = (id) => TEXTS.some(({ source }) => id.endsWith(`/${source}`));

/**
 * What a text's file is on a board.
 * @param {string} id
 */
export function textModule(id) {
    const text = TEXTS.find(({ source }) => id.endsWith(`/${source}`));
    return `export const ${text?.constant} = require("Storage").read("${text?.name}") || "";`;
}

/**
 * The text itself, one character a byte.
 * @param {string} file
 * @param {string} constant
 * @returns {Promise<string>}
 */
export async function readText(file, constant) {
    const options = { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } };
    const { outputText } = ts.transpileModule(readFileSync(file, "utf8"), options);
    const exported = /** @type {Record<string, string>} */ (
        await import(`data:text/javascript,${encodeURIComponent(outputText)}`)
    );
    return exported[constant] ?? "";
}
