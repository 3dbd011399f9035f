// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Writes modules/*.gen.ts and docs/ERRORS.md from the C headers, so that each number and sentence stands in
 * one place, native/include/etls_cutoffs.h from its formulas, and lists of sources for make: `node native/tools/generate.mjs [--check]`.
 * With --check nothing is written and the exit status tells whether the files are up to date.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { MBEDTLS } from "../setup/pins.mjs";
import { core, mbedtls, special } from "../sources.mjs";
import { cutoffsHeader } from "./cutoffs.mjs";
import { IMAGE_FIELDS, IMAGE_FORMAT, IMAGE_MAGIC, imageEnum } from "./image_header.mjs";

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
// Written by native/tools/generate.mjs from native/${file}; do not edit.
`;

function abi() {
    const text = header("etls.h");
    const version = /#define ETLS_ABI_VERSION (\d+)/.exec(text)?.[1];
    const lines = [
        note("include/etls.h"),
        "/**\n * Numbers of the C ABI: entries (`ENTRY_…`) and the values of its enums.\n *\n * @module\n */\n",
        `/** The version of the ABI that these numbers are of. */\nexport const ABI_VERSION = ${version};\n`,
    ];
    rows(text, "ETLS_ENTRIES", "ENTRY").forEach((entry, index) => {
        lines.push(`/** Entry \`etls_${entry.name}\`. */\nexport const ENTRY_${entry.name.toUpperCase()} = ${index};`);
    });
    lines.push("", "/** The C names of the entries, by number. */");
    lines.push(`export const ENTRY_NAMES = ${JSON.stringify(rows(text, "ETLS_ENTRIES", "ENTRY").map(({ name }) => `etls_${name}`), null, 4)};`);
    const earliest = /#define ETLS_EARLIEST_TIME (\d+)/.exec(header("etls_budget.h"))?.[1];
    lines.push("", `/** \`ETLS_EARLIEST_TIME\`: seconds since 1970 that no clock may be before. */\nexport const EARLIEST_TIME = ${earliest};`);
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
        note("include/etls_errors.h"),
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

function image() {
    const lines = [
        note("image/etls_image.h"),
        "/**\n * The header of the image for boards: offsets of its fields in bytes, and their values.\n *\n * @module\n */\n",
        `/** The first word of an image. */\nexport const IMAGE_MAGIC = ${IMAGE_MAGIC};`,
        `/** The version of the header. */\nexport const IMAGE_FORMAT = ${IMAGE_FORMAT};`,
        "",
        ...IMAGE_FIELDS.map(({ name, offset, what }) => `/** ${what} */\nexport const IMAGE_${name.toUpperCase()}_AT = ${offset};`),
    ];
    for (const name of ["etls_image_chip", "etls_image_profile"]) {
        lines.push("");
        for (const [member, value] of imageEnum(name)) lines.push(`/** \`${name}\` */\nexport const ${member} = ${value};`);
    }
    return `${lines.join("\n")}\n`;
}

/** One line for each error, alert and flag: its number, its name, its sentence. */
function sentences() {
    const text = header("etls_errors.h");
    const line = (/** @type {string} */ key, /** @type {string} */ name, /** @type {string | undefined} */ sentence) =>
        `    ${JSON.stringify(`${key} ${name}${sentence === undefined ? "" : ` ${JSON.parse(sentence)}`}`)},`;
    return [
        note("etls_errors.h"),
        `/**
 * The sentences of the error table as one text, of which a board reads a line at a time in place:
 * errors as \`-5 NAME sentence\`, alerts as \`a40 NAME hint\`, certificate flags as \`f8 NAME\`.
 *
 * @module
 */
`,
        "/** Each line stands between two newlines. */",
        "export const SENTENCES = [",
        '    "",',
        ...rows(text, "ETLS_ERRORS", "ETLS_ERROR").map(({ name, values }) => line(values[0] ?? "", name, values[2])),
        ...rows(text, "ETLS_ALERTS", "ETLS_ALERT").map(({ name, values }) => line(`a${values[0]}`, name, values[1])),
        ...rows(text, "ETLS_FLAGS", "ETLS_FLAG").map(({ name, values }) => line(`f${Number(values[0])}`, name, undefined)),
        '    "end",',
        '].join("\\n");',
        "",
    ].join("\n");
}

/** A text of a header as Markdown. @param {string | undefined} literal */
const prose = (literal) =>
    JSON.parse(literal ?? '""').replace(/<|\{/g, (/** @type {string} */ c) => (c === "<" ? "&lt;" : "`{")).replaceAll("}", "}`");

/** Headings of docs/ERRORS.md and the numbers below them. @type {[string, number, number][]} */
const CLASSES = [
    ["Use and resources", -19, -1], ["Loading certificates and keys", -39, -20], ["Protocol", -59, -40],
    ["Certificates of the peer", -89, -60], ["Transport", -999, -90],
];

/** One entry of docs/ERRORS.md. @param {string} name @param {string[]} facts @param {string[]} advice */
const chapter = (name, facts, [cause, cure]) =>
    [`### ETLS_${name}`, "", ...facts, `- Cause: ${prose(cause)}`, `- Cure: ${prose(cure)}`, ""];

function manual() {
    const errors = rows(header("etls_errors.h"), "ETLS_ERRORS", "ETLS_ERROR");
    const alerts = rows(header("etls_errors.h"), "ETLS_ALERTS", "ETLS_ALERT");
    const advice = new Map(rows(header("etls_advice.h"), "ETLS_ADVICES", "ETLS_ADVICE").map(({ name, values }) => [name, values]));
    const alertName = (/** @type {string | undefined} */ number) =>
        alerts.find(({ values }) => values[0] === number)?.name.toLowerCase() ?? number;
    const take = (/** @type {string} */ name) => {
        const values = advice.get(name);
        if (values === undefined) throw new Error(`${name} of etls_errors.h has no row in etls_advice.h: add its cause and cure there`);
        advice.delete(name);
        return values;
    };
    const lines = CLASSES.flatMap(([title, low, high]) => [
        `## ${title}`, "",
        ...errors.filter(({ values }) => Number(values[0]) >= low && Number(values[0]) <= high).flatMap(({ name, values }) => chapter(name, [
            `- Says: ${prose(values[2])}`,
            `- Number ${values[0]}${values[1] === "-1" ? "" : `; the peer is told alert ${values[1]} (${alertName(values[1])})`}`,
        ], take(name))),
    ]);
    return [
        "<!-- Written by native/tools/generate.mjs from native/include/etls_errors.h and etls_advice.h; do not edit. -->",
        "# Errors", "",
        "Every failure is an `Error` with a stable `code`, a `message` with the values that matter and, where it comes",
        "from the native core, its number as `errno`. `{values}` below are filled in when it happens.", "",
        ...lines,
        "## Alerts of the peer", "",
        "A peer that gives up says why with an alert (RFC 8446 section 6). Alert n is the error `ETLS_ALERT_…`, number",
        "-1000 - n; one that is not in this list is named by its number, such as `ETLS_ALERT_200`.", "",
        "| alert | code | what it mostly means |", "|--:|---|---|",
        ...alerts.map(({ name, values }) => `| ${values[0]} | \`ETLS_ALERT_${name}\` | ${prose(values[1])} |`), "",
        "## HTTP and use", "", "Raised by the modules and the command line; they have no number.", "",
        ...[...advice].flatMap(([name, values]) => chapter(name, [], values)),
    ].join("\n").replace(/\n*$/, "\n");
}

/** Limits as TypeScript; one that depends on the profile is asked of the core instead. */
function budget() {
    const found = [...header("etls_budget.h").matchAll(/(\/\*\*(?:(?!\*\/)[^])*\*\/)\n#define ETLS_(\w+) (\d+)\n/g)];
    return [
        note("include/etls_budget.h"),
        "/**\n * Limits of the C core.\n *\n * @module\n */\n",
        ...found.map(([, comment, name, value]) => `${comment}\nexport const ${name} = ${value};`),
    ].join("\n") + "\n";
}

/** What is compiled, for make: native/ports/espruino/etls.make. */
function sourcesMake() {
    const flags = Object.entries(special).map(([file, values]) => `ETLS_FLAGS_${file.replace(/\.c$/, "")} = ${values.join(" ")}`);
    return [
        "# SPDX-License-Identifier: Apache-2.0", "# Written by native/tools/generate.mjs from native/sources.mjs; do not edit.",
        `ETLS_SOURCE = $(ETLS_ROOT)/build/${MBEDTLS.folder}`,
        `ETLS_CORE = ${core.join(" \\\n    ")}`,
        `ETLS_MBEDTLS = ${mbedtls.join(" \\\n    ")}`,
        ...flags, "",
    ].join("\n");
}

let stale = false;
/** @type {[name: string, text: string][]} */
const files = [
    ["modules/abi.gen.ts", abi()],
    ["modules/errors.gen.ts", errors()],
    ["modules/budget.gen.ts", budget()],
    ["modules/image.gen.ts", image()],
    ["modules/sentences.gen.ts", sentences()],
    ["docs/ERRORS.md", manual()],
    ["native/include/etls_cutoffs.h", cutoffsHeader()],
    ["native/ports/espruino/sources.make", sourcesMake()],
];
for (const [name, text] of files) {
    const file = path.join(root, name);
    let known = "";
    try {
        known = readFileSync(file, "utf8");
    } catch {
        // not there yet
    }
    if (known === text) continue;
    stale = true;
    if (process.argv.includes("--check")) console.error(`${name} is not what is generated: run node native/tools/generate.mjs`);
    else writeFileSync(file, text);
}
if (stale && process.argv.includes("--check")) process.exitCode = 1;
