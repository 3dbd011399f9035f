// SPDX-License-Identifier: Apache-2.0
/**
 * What entropy costs on an RP2040: cycles and stack in the emulator, with a simulated ring oscillator, bytes
 * of the arena beside the generator's own, and bytes of the image.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import {
    CLIENT, ENTRY_CONTEXT_SET, ENTRY_SESSION_FREE, ENTRY_SESSION_NEW, OPTION_VERIFY, VERIFY_OPTIONAL,
} from "../../modules/abi.gen.ts";
import { ImageBinding } from "../../native/emulated/binding.ts";
import type { Cost } from "../../native/emulated/binding.ts";
import { Rp2040 } from "../../native/emulated/rp2040.ts";
import { Core, PORT } from "./abi.ts";
import { readImageFile } from "./host.ts";
import type { Figures } from "./measure.ts";
import { loadProbe } from "./probe.ts";
import { biasedBits, source } from "./sources.ts";

/** The files of native/src and the port that are about nothing else, as the image's report names them. */
const FILES = ["etls/entropy", "etls/health", "etls/entropy_rosc"];

/** All figures about entropy. */
export async function measureEntropy(): Promise<Figures> {
    const machine = new Rp2040({ ...PORT, sources: [source(biasedBits(0.5, 1))] });
    const binding = new ImageBinding(machine, readImageFile("rp2040"), 65536, 0);
    const core = new Core(binding);
    const context = core.context(CLIENT);
    core.must(ENTRY_CONTEXT_SET, context, OPTION_VERIFY, VERIFY_OPTIONAL); // no trust anchor is needed
    const costs: Cost[] = [];
    binding.onCall = (entry, cost) => void (entry === ENTRY_SESSION_NEW && costs.push(cost));
    for (let i = 0; i < 2; i += 1) core.must(ENTRY_SESSION_FREE, core.session(context, "localhost") as number);
    core.close();
    const report = new URL("../../images/etls-rp2040-full.json", import.meta.url);
    const { modules } = JSON.parse(readFileSync(report, "utf8")) as { modules: Record<string, number> };
    return {
        "entropy.rp2040.startup.cycles": costs[0]?.cycles ?? 0,
        "entropy.rp2040.session.cycles": costs[1]?.cycles ?? 0,
        "entropy.rp2040.stack": costs[0]?.stack ?? 0,
        "entropy.rp2040.arena": (await loadProbe()).probe_state(), // 32-bit pointers there as here
        "entropy.rp2040.flash": FILES.reduce((sum, file) => sum + (modules[file] ?? 0), 0),
    };
}
