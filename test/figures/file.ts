// SPDX-License-Identifier: Apache-2.0
/**
 * docs/figures.json: the figures of the chips, and what the pictures are drawn from.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Figures } from "../support/measure.ts";
import type { Phase } from "../support/meter.ts";

/** The repository's docs/. */
export const DOCS = fileURLToPath(new URL("../../../docs/", import.meta.url));

/** The kinds of handshake that are measured. */
export const KINDS = ["tls12.ec", "tls12.rsa", "tls13.ec", "tls13.rsa"] as const;

/** One of them. */
export type Kind = (typeof KINDS)[number];

/** One call: its phase, its cycles, bytes in use after it, and the most during it. */
export type Sample = [phase: Phase, cycles: number, inUse: number, peak: number];

/** The file. */
export interface FigureFile {
    /** As `npm run metrics` prints them. */
    figures: Figures;
    /** The calls of one handshake of each kind. */
    traces: Record<Kind, Sample[]>;
}

/** Reads it. */
export function readFigures(): FigureFile {
    return JSON.parse(readFileSync(`${DOCS}figures.json`, "utf8")) as FigureFile;
}

/** `TLS 1.2, EC` */
export function kindName(kind: Kind): string {
    const [, minor, chain = ""] = /^tls1(\d)\.(\w+)$/.exec(kind) ?? [];
    return `TLS 1.${minor}, ${chain.toUpperCase()}`;
}

/** `12,345`; fractions to a tenth. */
export function thousands(value: number): string {
    return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}
