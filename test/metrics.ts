// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run metrics`: all figures of the project as one JSON object on standard output.
 *
 * @module
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FIRMWARE_UNNAMED, hasFirmware } from "./device/pico.ts";
import { measureEntropy } from "./support/measure-entropy.ts";
import { measureParts } from "./support/measure-parts.ts";
import { leastArena, measureMemory } from "./support/measure.ts";
import type { Figures } from "./support/measure.ts";
import { rootBundle } from "../wasm/roots.ts";
import { measureChip } from "./support/measure-chip.ts";
import { measureFirmware } from "./support/measure-firmware.ts";

const dist = fileURLToPath(new URL("..", import.meta.url));

const SIZES = { "size.wasm.bytes": "wasm/etls.wasm", "size.wasm.entropy.bytes": "wasm/entropy.wasm", "size.device.tls.bytes": "device/tls.js", "size.device.https.bytes": "device/https.js" };

function measureSizes(): Figures {
    const figures: Figures = {
        "size.bundle.common.bytes": rootBundle("common").length,
        "size.bundle.all.bytes": rootBundle("all").length,
    };
    for (const [name, file] of Object.entries(SIZES)) {
        const path = join(dist, file);
        if (existsSync(path)) figures[name] = statSync(path).size;
    }
    return figures;
}

const figures: Figures = {
    ...measureSizes(), ...(await measureMemory()), ...(await measureParts()), ...(await measureEntropy()), ...(await measureChip()),
    ...(await measureFirmware()),
};
if (!hasFirmware()) console.error(`Not measured on Espruino's firmware: ${FIRMWARE_UNNAMED}.`);
for (const version of ["1.2", "1.3"] as const) {
    for (const chain of ["ec", "rsa"] as const) {
        figures[`arena.wasm.tls${version.replace(".", "")}.${chain}.least`] = await leastArena(chain, version);
    }
}
const sorted = Object.fromEntries(Object.entries(figures).sort(([a], [b]) => (a < b ? -1 : 1)));
console.log(JSON.stringify(sorted, null, 4));
process.exit(0);
