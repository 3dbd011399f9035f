// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Writes modules/abi.gen.ts and modules/errors.gen.ts from the C headers, so that each number and
 * sentence stands in one place: `node native/tools/generate.mjs [--check]`. With --check nothing is
 * written and the exit status tells whether the files are up to date.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
/** @param {string} name */
const header = (name) => readFileSync(path.join(root, "native/include", name), "utf8");

/** Joined lines of an X-macro's calls. @param {string} text @param {string} macro @param {string} row */
function rows(text, macro, row) {
    const start = text.indexOf(`#define ${macro}(`);
    if (start < 0) throw new Error(`no ${macro} in the headers`);
    const body = text.slice(start).split(/(?<!\\)\n/, 1)[0] ?? "";
    return [...body.matchAll(new RegExp(`${row}\\((\\w+)((?:, (?:"(?:[^"\\\\]|\\\\.)*"|[^,()]+))*)\\)`, "g"))].map((match) => {
        const values = [...(match[2] ?? "").matchAll(/, ("(?:[^"\\]|\\.)*"|[^,]+)/g)].map((value) => (value[1] ?? "").trim());
        return { name: match[1] ?? "", values };
    }).filter((entry) => entry.name !== "name");
}

/** Members of the enums: [enum, [member, value][]]. @param {string} text */
function enums(text) {
    return [...text.matchAll(/enum (etls_\w+) \{([^}]+)\}/g)].map((match) => ({
        name: match[1] ?? "",
        members: [...(match[2] ?? "").matchAll(/\bETLS_(\w+) = (\w+)/g)].map((member) => [member[1] ?? "", member[2] ?? ""]),
    })).filter((entry) => entry.members.length > 0 && entry.name !== "etls_error");
}

const note = (/** @type {string} */ file) => `// SPDX-License-Identifier: Apache-2.0
// Written by native/tools/generate.mjs from native/include/${file}; do not edit.
`;

function abi() {
    const text = header("etls.h");
    const version = /#define ETLS_ABI_VERSION (\d+)/.exec(text)?.[1];
    const lines = [
        note("etls.h"),
        "/**\n * Numbers of the C ABI: entries (`ENTRY_…`) and the values of its enums.\n *\n * @module\n */\n",
        `/** The version of the ABI that these numbers are of. */\nexport const ABI_VERSION = ${version};\n`,
    ];
    rows(text, "ETLS_ENTRIES", "ENTRY").forEach((entry, index) => {
        lines.push(`/** Entry \`etls_${entry.name}\`. */\nexport const ENTRY_${entry.name.toUpperCase()} = ${index};`);
    });
    lines.push("", "/** The C names of the entries, by number. */");
    lines.push(`export const ENTRY_NAMES = ${JSON.stringify(rows(text, "ETLS_ENTRIES", "ENTRY").map(({ name }) => `etls_${name}`), null, 4)};`);
    for (const { name, members } of enums(text)) {
        lines.push("");
        for (const [member, value] of members) lines.push(`/** \`${name}\` */\nexport const ${member} = ${value};`);
    }
    return `${lines.join("\n")}\n`;
}

function errors() {
    const text = header("etls_errors.h");
    const table = rows(text, "ETLS_ERRORS", "ETLS_ERROR");
    const lines = [
        note("etls_errors.h"),
        "/**\n * The error table: codes, names and sentences.\n *\n * @module\n */\n",
        ...table.map(({ name, values }) => `/** ${JSON.parse(values[2] ?? "\"\"")} */\nexport const ERR_${name} = ${values[0]};`),
        "",
        "/** A fatal alert n of the peer is the error `ERR_PEER_ALERT - n`. */\nexport const ERR_PEER_ALERT = -1000;",
        "",
        "/** Names and sentences by code; {values} are filled in when an error is made. */",
        "export const ERRORS: { [code: number]: [name: string, sentence: string] | undefined } = {",
        ...table.map(({ name, values }) => `    "${values[0]}": ["${name}", ${values[2]}],`),
        "};",
        "",
        "/** Names of alerts by number (RFC 8446 section 6), and what they mostly mean. */",
        "export const ALERTS: { [alert: number]: [name: string, hint: string] | undefined } = {",
        ...rows(text, "ETLS_ALERTS", "ETLS_ALERT").map(({ name, values }) => `    "${values[0]}": ["${name}", ${values[1]}],`),
        "};",
        "",
        "/** Names and bits of the reasons why a certificate was refused. */",
        "export const FLAGS: [name: string, bit: number][] = [",
        ...rows(text, "ETLS_FLAGS", "ETLS_FLAG").map(({ name, values }) => `    ["${name}", ${values[0]}],`),
        "];",
    ];
    const codes = table.map(({ values }) => values[0]);
    if (new Set(codes).size !== codes.length) throw new Error("an error code is used twice in etls_errors.h");
    return `${lines.join("\n")}\n`;
}

let stale = false;
for (const [name, text] of [["abi.gen.ts", abi()], ["errors.gen.ts", errors()]]) {
    const file = path.join(root, "modules", name ?? "");
    let known = "";
    try {
        known = readFileSync(file, "utf8");
    } catch {
        // not there yet
    }
    if (known === text) continue;
    stale = true;
    if (process.argv.includes("--check")) console.error(`modules/${name} does not match the headers: run node native/tools/generate.mjs`);
    else writeFileSync(file, text ?? "");
}
if (stale && process.argv.includes("--check")) process.exitCode = 1;
