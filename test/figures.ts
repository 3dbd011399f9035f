// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run figures`: measures on the emulated RP2040 (some minutes), writes docs/figures.json, and from
 * it the tables of docs/FIGURES.md and the pictures of docs/img. With `--draw` nothing is measured. Figures of
 * Espruino's firmware stay as they are where the environment does not name it.
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { FIRMWARE_UNNAMED, hasFirmware } from "./device/pico.ts";
import { cyclesChart, flashChart, heapChart } from "./figures/charts.ts";
import { DOCS, KINDS, readFigures } from "./figures/file.ts";
import type { FigureFile, Kind, Sample } from "./figures/file.ts";
import { fillTables } from "./figures/tables.ts";
import { measureHandshake } from "./support/measure.ts";
import { measureParts } from "./support/measure-parts.ts";
import type { Chain, Figures } from "./support/measure.ts";
import { chipHandshake, measureChip } from "./support/measure-chip.ts";
import { measureFirmware } from "./support/measure-firmware.ts";
import type { Version } from "./support/servers.ts";

/** The heap of one handshake on the chip, call by call. */
async function trace(chain: Chain, version: Version): Promise<Sample[]> {
    const meter = await chipHandshake(chain, version, "root", true);
    return meter.handshake().map(({ phase, cycles, inUse, peak }) => [phase, cycles, inUse, peak]);
}

/** Figures of Espruino's firmware: those of the page, where there is none to measure. */
async function firmwareFigures(): Promise<Figures> {
    if (hasFirmware()) return measureFirmware();
    console.log(`Figures of Espruino's firmware are kept: ${FIRMWARE_UNNAMED}.`);
    return Object.fromEntries(Object.entries(readFigures().figures).filter(([key]) => key.includes(".firmware.")));
}

async function measure(): Promise<FigureFile> {
    const measured: Figures = { ...(await measureParts()), ...(await measureChip()), ...(await firmwareFigures()) };
    const traces = {} as Record<Kind, Sample[]>;
    for (const version of ["1.2", "1.3"] as const) {
        for (const chain of ["ec", "rsa"] as const) {
            traces[`tls1${version === "1.2" ? 2 : 3}.${chain}`] = await trace(chain, version);
            Object.assign(measured, await measureHandshake(chain, version));
        }
    }
    const figures = Object.fromEntries(Object.entries(measured).sort(([a], [b]) => (a < b ? -1 : 1)));
    return { figures, traces };
}

/** The file as text: a line for each figure and each call. */
function format({ figures, traces }: FigureFile): string {
    const lines = KINDS.map((kind) => {
        const samples = traces[kind].map((sample) => `            ${JSON.stringify(sample)}`);
        return `        "${kind}": [\n${samples.join(",\n")}\n        ]`;
    });
    const list = JSON.stringify(figures, null, 8).replace(/\}$/, "    }");
    return `{\n    "figures": ${list},\n    "traces": {\n${lines.join(",\n")}\n    }\n}\n`;
}

if (!process.argv.includes("--draw")) writeFileSync(`${DOCS}figures.json`, format(await measure()));
const file = readFigures();
mkdirSync(`${DOCS}img`, { recursive: true });
for (const [name, draw] of Object.entries({ heap: heapChart, cycles: cyclesChart, flash: flashChart })) {
    writeFileSync(`${DOCS}img/${name}.svg`, draw(file));
}
writeFileSync(`${DOCS}FIGURES.md`, fillTables(readFileSync(`${DOCS}FIGURES.md`, "utf8"), file));
process.exit(0);
