// SPDX-License-Identifier: Apache-2.0
/**
 * Figures of the images: flash and static data as they were built; stack, heap and cycles of
 * handshakes on the emulated RP2040, in which flash has no wait states.
 *
 * @module
 */
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ENTRY_ENTROPY_ADD } from "../../modules/abi.gen.ts";
import { ImageBinding } from "../../native/emulated/binding.ts";
import type { OpenBinding } from "../../wasm/binding.ts";
import { connect, disconnect, measureHandshake, openFixed, serve, trust } from "./measure.ts";
import type { Chain, Figures } from "./measure.ts";
import { measureResumed } from "./measure-parts.ts";
import { Meter, PHASES } from "./meter.ts";
import type { Call } from "./meter.ts";
import type { Version } from "./servers.ts";

const CHIP = "rp2040";
const ARENA = 65536;
const images = fileURLToPath(new URL("../../images/", import.meta.url));

/** Lengths of data whose costs are subtracted, so that what is done once for each record falls out. */
const [SHORT, LONG] = [64, 4032];

/** What an image's size report says; native/image/sizes.mjs writes it. */
export interface SizeReport {
    flash: number;
    statics: number;
    modules: Record<string, number>;
}

/** The size reports, by chip and profile: `rp2040.full`. */
export function readSizes(): Record<string, SizeReport> {
    const reports: Record<string, SizeReport> = {};
    for (const file of readdirSync(images).sort()) {
        const [, chip, profile] = /^etls-(\w+)-(\w+)\.json$/.exec(file) ?? [];
        if (chip === undefined) continue;
        reports[`${chip}.${profile}`] = JSON.parse(readFileSync(`${images}${file}`, "utf8")) as SizeReport;
    }
    return reports;
}

/** Flash and static data of all images, bytes. */
export function measureFlash(): Figures {
    const figures: Figures = {};
    for (const [image, { flash, statics, modules }] of Object.entries(readSizes())) {
        figures[`flash.${image}`] = flash;
        figures[`statics.${image}`] = statics;
        for (const [module, bytes] of Object.entries(modules)) {
            figures[`flash.${image}.${module.replace("/", ".")}`] = bytes;
        }
    }
    return figures;
}

/** The meter of the next core on the chip that is opened. */
function metered(version: Version, heap = false): { see(binding: OpenBinding): void; meter(): Meter } {
    let meter: Meter | undefined;
    return {
        see(binding) {
            if (!(binding instanceof ImageBinding)) throw new TypeError("no emulated chip");
            meter = new Meter(binding, version, heap);
        },
        meter() {
            if (meter === undefined) throw new Error("no core was opened");
            return meter;
        },
    };
}

/** One handshake on the chip, and what it cost. */
export async function chipHandshake(
    chain: Chain,
    version: Version,
    anchor: "root" | "intermediate" = "root",
    heap = false,
): Promise<Meter> {
    const server = await serve(chain, version);
    const { see, meter } = metered(version, heap);
    const core = await openFixed(ARENA, CHIP, see);
    await disconnect(await connect(core, trust(core, chain, anchor), server.port));
    core.close();
    await server.close();
    return meter();
}

/**
 * Heap, stack and cycles of one kind of handshake. What the second certificate costs is what a handshake
 * saves that trusts its issuer.
 */
async function measureKind(chain: Chain, version: Version): Promise<Figures> {
    const name = `${CHIP}.tls${version.replace(".", "")}.${chain}`;
    const { see, meter } = metered(version);
    const figures = await measureHandshake(chain, version, CHIP, 1, see);
    const phases = meter().phases();
    for (const phase of PHASES) figures[`cycles.${name}.${phase}`] = phases[phase] ?? 0;
    figures[`cycles.${name}.total`] = Object.values(phases).reduce((sum, cycles) => sum + cycles, 0);
    const short = (await chipHandshake(chain, version, "intermediate")).phases()["certificate"] ?? 0;
    figures[`cycles.${name}.certificate.1`] = short;
    figures[`cycles.${name}.certificate.2`] = (phases["certificate"] ?? 0) - short;
    for (const [entry, bytes] of Object.entries(meter().stacks())) figures[`stack.${CHIP}.${entry}`] = bytes;
    figures[`stack.${CHIP}.handshake`] = Math.max(...meter().handshake().map(({ stack }) => stack));
    return figures;
}

/** Heap and cycles of a handshake that resumes a session; the session is made in the core where it is resumed. */
export async function chipResumed(version: Version): Promise<Figures> {
    const { see, meter } = metered(version);
    let before = 0;
    const figures = await measureResumed(version, CHIP, see, () => (before = meter().calls.length));
    const cycles = Object.values(meter().phases(before)).reduce((sum, each) => sum + each, 0);
    return { ...figures, [`cycles.${CHIP}.tls${version.replace(".", "")}.resumed`]: cycles };
}

/** Adds figures, of which the greater one counts where there are two. */
function keepMost(all: Figures, more: Figures): void {
    for (const [name, value] of Object.entries(more)) all[name] = Math.max(all[name] ?? 0, value);
}

/** Cycles for each byte, by the difference between a long and a short call of one entry. */
function perByte(calls: Call[], entry: string, lengthAt: 1 | 2): number {
    const cost = (length: number): number => {
        const call = calls.find((one) => one.entry === entry && one.args[lengthAt] === length);
        if (call === undefined) throw new Error(`no ${entry} of ${length} bytes`);
        return call.cycles;
    };
    return Math.round(((cost(LONG) - cost(SHORT)) / (LONG - SHORT)) * 10) / 10;
}

/** Cycles for each byte that is sent in a record of a suite. */
export async function measureSuite(suite: string, chain: Chain = "ec"): Promise<number> {
    const server = await serve(chain, "1.2", 1, suite);
    const { see, meter } = metered("1.2");
    const core = await openFixed(ARENA, CHIP, see);
    const socket = await connect(core, trust(core, chain), server.port);
    for (const length of [SHORT, LONG]) socket.write("x".repeat(length));
    await new Promise<void>((resolve) => {
        socket.on("data", () => socket.bytesRead === 1 + SHORT + LONG && resolve());
    });
    await disconnect(socket);
    core.close();
    await server.close();
    return perByte(meter().calls, "session_write", 2);
}

/** Cycles for each byte that is hashed: what is added to the entropy pool goes through SHA-256. */
export async function measureHash(): Promise<number> {
    const { see, meter } = metered("1.2");
    const core = await openFixed(ARENA, CHIP, (binding) => {
        see(binding);
        for (const length of [SHORT, LONG]) {
            binding.call(ENTRY_ENTROPY_ADD, binding.put("x".repeat(length), 0, length), length, 0);
        }
    });
    core.close();
    return perByte(meter().calls, "entropy_add", 1);
}

/** All figures of the chip. */
export async function measureChip(): Promise<Figures> {
    const figures: Figures = measureFlash();
    for (const version of ["1.2", "1.3"] as const) {
        for (const chain of ["ec", "rsa"] as const) keepMost(figures, await measureKind(chain, version));
        keepMost(figures, await chipResumed(version));
    }
    figures[`cycles.${CHIP}.aes128gcm`] = await measureSuite("ECDHE-ECDSA-AES128-GCM-SHA256");
    figures[`cycles.${CHIP}.chacha20poly1305`] = await measureSuite("ECDHE-ECDSA-CHACHA20-POLY1305");
    figures[`cycles.${CHIP}.sha256`] = await measureHash();
    return figures;
}
