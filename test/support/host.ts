// SPDX-License-Identifier: Apache-2.0
/**
 * The host that the suites run on: `ETLS_HOST` is `wasm` (the default) or the name of an emulated chip.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ImageBinding } from "../../native/emulated/binding.ts";
import { Rp2040 } from "../../native/emulated/rp2040.ts";
import { Stm32f4 } from "../../native/emulated/stm32f4.ts";
import type { Machine } from "../../native/emulated/machine.ts";
import { openOn } from "../../wasm/api.ts";
import type { EspruinoTls } from "../../wasm/api.ts";
import { openBinding } from "../../wasm/binding.ts";
import type { OpenBinding } from "../../wasm/binding.ts";
import type { OpenOptions, Platform } from "../../wasm/host.ts";
import type { Port } from "../../wasm/loader.ts";
import { nodePlatform } from "../../wasm/node.ts";

/** Hosts by name: how a chip is made, for those that are chips, and the arena that suites use there. */
const CHIPS: Record<string, { make: (port: Port) => Machine; arena: number }> = {
    rp2040: { make: (port) => new Rp2040(port), arena: 224 * 1024 }, // of 264 KB of RAM
    stm32f4: { make: (port) => new Stm32f4(port), arena: 88 * 1024 }, // of 128 KB
};

/** The host's name. @throws Error when there is no such host */
export const HOST = process.env["ETLS_HOST"] ?? "wasm";
if (HOST !== "wasm" && CHIPS[HOST] === undefined) {
    throw new Error(`ETLS_HOST is ${HOST}; there are wasm, ${Object.keys(CHIPS).join(", ")}`);
}

/** How much slower than WebAssembly a host is, and no less. */
export const SLOWNESS = HOST === "wasm" ? 1 : 50;

/** Milliseconds from which on waiting takes longer where the host is slower. */
const STRETCHED = 10_000;

/** An emulated chip is slower than its peers expect: those who wait long wait longer. */
if (HOST !== "wasm") {
    const { setTimeout: wait } = globalThis;
    const patient = (callback: () => void, ms = 0, ...rest: []): NodeJS.Timeout =>
        wait(callback, ms >= STRETCHED ? ms * SLOWNESS : ms, ...rest);
    globalThis.setTimeout = Object.assign(patient, wait);
}

/** A short time limit that a test waits for: on a chip long enough for a handshake, and not stretched. */
export const shortLimit = (ms: number): number => (HOST === "wasm" ? ms : STRETCHED - 1);

/** Bytes of arena that a suite has where it says nothing: what the chip has room for, the RP2040's in WebAssembly. */
export const ARENA = (CHIPS[HOST] ?? CHIPS["rp2040"])?.arena ?? 0;

/** Where images are. */
let images = fileURLToPath(new URL("../../images/", import.meta.url));

/** Takes images from another folder from now on. */
export function useImages(folder: string): void {
    images = `${folder}/`;
}

/** The image of a chip, as it was built. */
export function readImageFile(chip: string, profile = "full"): Uint8Array {
    return new Uint8Array(readFileSync(`${images}etls-${chip}-${profile}.bin`));
}

/** Opens a core in an emulated chip; `rp2040-small` names the profile too. */
export function openChip(chip: string, arena: number, store: number, port: Port): ImageBinding {
    const [name = "", profile] = chip.split("-");
    const machine = CHIPS[name]?.make(port);
    if (machine === undefined) throw new RangeError(`no emulated chip ${chip}`);
    return new ImageBinding(machine, readImageFile(name, profile), arena, store);
}

/** Opens a core of a host, for tests of the ABI. */
export async function bindHost(arena: number, store: number, port: Port, host = HOST): Promise<OpenBinding> {
    return host === "wasm" ? openBinding(arena, store, port) : openChip(host, arena, store, port);
}

/**
 * Opens the modules on a host, as `open` of the package does on WebAssembly; `see` is given the
 * binding before anything else.
 */
export function openHost(
    options: OpenOptions,
    host = HOST,
    see: (binding: OpenBinding) => void = () => undefined,
): Promise<EspruinoTls> {
    const platform: Platform = {
        ...nodePlatform,
        bind: async (arena, store, port) => {
            const binding = await bindHost(arena, store, port, host);
            see(binding);
            return binding;
        },
    };
    return openOn(platform, options);
}
