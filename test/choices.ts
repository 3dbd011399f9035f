// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run choices`: builds the RP2040's image once for each choice of native/image/choices.mjs, measures
 * flash, heap and cycles (some minutes each), and the STM32F4's `small` for each that it leaves out;
 * writes the tables of docs/FIGURES.md. With `--small` only the second one.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DOCS, thousands } from "./figures/file.ts";
import { fillTable, table } from "./figures/tables.ts";
import { useImages } from "./support/host.ts";
import { chipHandshake, measureHash, measureSuite } from "./support/measure-chip.ts";
import { projectFolder } from "./support/pki.ts";

interface Choice {
    name: string;
    what: string;
}

const root = projectFolder();
const { CHOICES, SMALL_CHOICES } = (await import(join(root, "native/image/choices.mjs"))) as Record<"CHOICES" | "SMALL_CHOICES", Choice[]>;

const HEAD = [
    "choice", "flash", "heap, EC", "heap, RSA", "EC, million cycles", "RSA, million cycles", "AES-GCM, cycles a byte", "SHA-256, cycles a byte",
];

const sum = (phases: Record<string, number>): number => Object.values(phases).reduce((all, cycles) => all + cycles, 0);

/** The most heap of a handshake, and its cycles in millions. */
async function handshake(chain: "ec" | "rsa"): Promise<[heap: number, cycles: number]> {
    const meter = await chipHandshake(chain, "1.2", "root", true);
    const heap = Math.max(...meter.handshake().map(({ peak }) => peak));
    return [heap, Math.round(sum(meter.phases()) / 1e5) / 10];
}

/** Builds an image with a choice; returns its folder and its size. */
function build({ name }: Choice, image: string): [folder: string, flash: number] {
    execFileSync(process.execPath, [join(root, "native/image/build.mjs"), "--choice", name, image], { stdio: "inherit" });
    const folder = join(root, "build/choices", name);
    return [folder, readFileSync(join(folder, `etls-${image}.bin`)).length];
}

/** What one costs, in the order of the table. */
async function measure(choice: Choice): Promise<number[]> {
    const [folder, flash] = build(choice, "rp2040-full");
    useImages(folder);
    const [ecHeap, ecCycles] = await handshake("ec");
    const [rsaHeap, rsaCycles] = await handshake("rsa");
    const gcm = await measureSuite("ECDHE-RSA-AES128-GCM-SHA256", "rsa");
    return [flash, ecHeap, rsaHeap, ecCycles, rsaCycles, gcm, await measureHash()];
}

/** What changes: a difference with its sign, nothing where there is none. */
const difference = (value: number, built: number): string =>
    value === built ? "" : `${value > built ? "+" : "−"}${thousands(Math.abs(Math.round((value - built) * 10) / 10))}`;

/** Measures choices, of which the first is what is built, and writes their table. */
async function tabulate(choices: Choice[], head: string[], name: string, costsOf: (choice: Choice) => Promise<number[]>): Promise<void> {
    const rows: (string | number)[][] = [];
    let built: number[] | undefined;
    for (const choice of choices) {
        const costs = await costsOf(choice);
        rows.push([choice.what, ...(built === undefined ? costs : costs.map((cost, at) => difference(cost, built?.[at] ?? 0)))]);
        built ??= costs;
        console.log(table(head, rows));
    }
    const page = `${DOCS}FIGURES.md`;
    writeFileSync(page, fillTable(readFileSync(page, "utf8"), name, table(head, rows)));
}

if (!process.argv.includes("--small")) await tabulate(CHOICES, HEAD, "choices", measure);
await tabulate(SMALL_CHOICES, ["choice", "flash"], "small choices", async (choice) => [build(choice, "stm32f4-small")[1]]);
process.exit(0);
