// SPDX-License-Identifier: Apache-2.0
/**
 * The tables of docs/FIGURES.md, from docs/figures.json. Each stands between two comments there, and the
 * words around them are nobody's but the author's.
 *
 * @module
 */
import { PHASES } from "../support/meter.ts";
import { KINDS, kindName, thousands } from "./file.ts";
import type { FigureFile } from "./file.ts";

type Row = (string | number | undefined)[];

/** A table in Markdown; numbers are right-aligned. */
export function table(head: string[], rows: Row[]): string {
    const cell = (value: string | number | undefined): string =>
        typeof value === "number" ? thousands(value) : (value ?? "");
    const line = (cells: string[]): string => `| ${cells.join(" | ")} |`;
    const ruler = `|${head.map((_, at) => (rows.some((row) => typeof row[at] === "number") ? "--:" : "---")).join("|")}|`;
    return [line(head), ruler, ...rows.map((row) => line(row.map(cell)))].join("\n");
}

/** Chips as their boards are called. */
const BOARDS: Record<string, string> = {
    rp2040: "RP2040 (Cortex-M0+)", rp2350: "RP2350 (Cortex-M33)", stm32f4: "STM32F4 (Cortex-M4)",
};

/** Flash and static data of each image. */
function flashTable({ figures }: FigureFile): string {
    const rows = Object.entries(BOARDS).map(([chip, board]) => [
        board,
        figures[`flash.${chip}.small`], figures[`flash.${chip}.full`],
        figures[`statics.${chip}.small`], figures[`statics.${chip}.full`],
    ]);
    return table(["chip", "`small`, flash", "`full`, flash", "`small`, static data", "`full`, static data"], rows);
}

/** Flash of the largest modules in two images. */
function modulesTable({ figures }: FigureFile): string {
    const prefix = "flash.rp2040.full.";
    const names = Object.keys(figures)
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length))
        .sort((a, b) => (figures[prefix + b] ?? 0) - (figures[prefix + a] ?? 0))
        .slice(0, 20);
    const images = ["rp2040.full", "rp2040.small", "stm32f4.full", "stm32f4.small"];
    const rows = names.map((name) => [
        `\`${name.replace(".", "/")}\``, ...images.map((image) => figures[`flash.${image}.${name}`] ?? 0),
    ]);
    return table(["module", ...images.map((image) => image.replace(".", ", "))], rows);
}

/** The deepest stack of each entry. */
function stackTable({ figures }: FigureFile): string {
    const rows = Object.entries(figures)
        .filter(([key]) => key.startsWith("stack.rp2040.") && key !== "stack.rp2040.handshake")
        .sort(([, a], [, b]) => b - a)
        .slice(0, 8)
        .map(([key, bytes]) => [`\`etls_${key.slice("stack.rp2040.".length)}\``, bytes]);
    return table(["entry", "stack"], [["**a whole handshake**", figures["stack.rp2040.handshake"]], ...rows]);
}

/** Heap on the chip and in WebAssembly. */
function heapTable({ figures }: FigureFile): string {
    const rows = KINDS.map((kind) => [
        kindName(kind),
        figures[`heap.rp2040.${kind}.peak`], figures[`heap.wasm.${kind}.peak`],
        figures[`heap.rp2040.${kind}.idle`], figures[`heap.wasm.${kind}.idle`],
    ]);
    return table(["handshake", "peak, RP2040", "peak, WebAssembly", "idle, RP2040", "idle, WebAssembly"], rows);
}

/** Cycles by phase. */
function cyclesTable({ figures }: FigureFile): string {
    const parts = PHASES.flatMap((phase) =>
        phase === "certificate" ? ["certificate.1", "certificate.2"] : [phase]);
    const rows = parts.map((part) => [
        part.replace(".1", ": leaf").replace(".2", ": intermediate"),
        ...KINDS.map((kind) => figures[`cycles.rp2040.${kind}.${part}`] ?? 0),
    ]);
    const total = ["**total**", ...KINDS.map((kind) => figures[`cycles.rp2040.${kind}.total`] ?? 0)];
    const seconds = ["seconds at 125 MHz",
        ...KINDS.map((kind) => (figures[`cycles.rp2040.${kind}.total`] ?? 0) / 125e6)];
    return table(["phase", ...KINDS.map(kindName)], [...rows, total, seconds]);
}

/** Handshakes that resume a session, beside full ones. */
function resumedTable({ figures }: FigureFile): string {
    const row = (version: string): Row => {
        const of = (key: string): number => figures[key] ?? 0;
        const [cycles, full] = [of(`cycles.rp2040.${version}.resumed`), of(`cycles.rp2040.${version}.ec.total`)];
        return [
            version === "tls12" ? "TLS 1.2" : "TLS 1.3", cycles, Math.round(cycles / 125e3), Math.round(full / 125e3),
            of(`count.rp2040.${version}.resumed.signatures`), of(`heap.rp2040.${version}.resumed.peak`), of(`size.session.${version}`),
        ];
    };
    const head = ["resumed", "cycles", "ms at 125 MHz", "full, EC: ms", "signatures", "heap peak", "saved session"];
    return table(head, [row("tls12"), row("tls13")]);
}

/** What trust and sessions are in the image, by the modules of the core that are about nothing else. */
const PARTS: Record<string, string[]> = {
    "paths, profile, constraints, names": ["path", "profile", "constraints", "name", "common_name", "trust", "der", "verify"],
    "trust bundles": ["bundle"],
    "reports and diagnosis": ["report", "diagnose"],
    "sessions that are resumed": ["resume"],
    "clock": ["clock"],
};

/** Their flash in two images. */
function partsTable({ figures }: FigureFile): string {
    const images = ["rp2040.full", "rp2040.small", "stm32f4.full", "stm32f4.small"];
    const rows = Object.entries(PARTS).map(([part, modules]) => [
        part,
        ...images.map((image) => modules.reduce((sum, one) => sum + (figures[`flash.${image}.etls.${one}`] ?? 0), 0)),
    ]);
    return table(["part", ...images.map((image) => image.replace(".", ", "))], rows);
}

/** Cycles for each byte. */
function bytesTable({ figures }: FigureFile): string {
    const names = { aes128gcm: "AES-128-GCM", chacha20poly1305: "ChaCha20-Poly1305", sha256: "SHA-256" };
    const rows = Object.entries(names).map(([key, name]) => {
        const cycles = figures[`cycles.rp2040.${key}`];
        return [name, cycles, cycles === undefined ? undefined : Math.round(125e6 / cycles / 1000)];
    });
    return table(["", "cycles for each byte", "KB/s at 125 MHz"], rows);
}

/** A first request on Espruino's firmware. */
function firmwareTable({ figures }: FigureFile): string {
    const of = (kind: string, name: string): number => figures[`${name.replace("*", `firmware.${kind}`)}`] ?? 0;
    const rows = KINDS.map((kind) => {
        const [all, core] = [of(kind, "time.*.first.ms"), of(kind, "time.*.core.ms")];
        return [kindName(kind), all, core, all - core, of(kind, "blocks.*.first"), of(kind, "blocks.*.idle"), of(kind, "heap.*.peak")];
    });
    const head = ["request", "first byte, ms", "the core, ms", "JavaScript, ms", "blocks then", "blocks afterwards", "arena, peak"];
    return table(head, rows);
}

const TABLES: Record<string, (file: FigureFile) => string> = {
    flash: flashTable, modules: modulesTable, stack: stackTable, heap: heapTable, cycles: cyclesTable, resumed: resumedTable,
    parts: partsTable, bytes: bytesTable, firmware: firmwareTable,
};

/**
 * The text with one table in its place.
 *
 * @throws Error when there is no place for it
 */
export function fillTable(text: string, name: string, content: string): string {
    const [start, end] = [`<!-- ${name} -->\n`, `\n<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/FIGURES.md has no place for the table ${name}`);
    return text.slice(0, from + start.length) + content + text.slice(to);
}

/** The text with all tables of the figures made anew. @throws Error when one is missing */
export function fillTables(text: string, file: FigureFile): string {
    return Object.entries(TABLES).reduce((filled, [name, make]) => fillTable(filled, name, make(file)), text);
}
