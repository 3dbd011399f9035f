// SPDX-License-Identifier: Apache-2.0
/**
 * Finding the native core on a board, and making room for it.
 *
 * @module
 */

import { ABI_VERSION, ENTRY_OPEN, ENTRY_STAT, STAT_LEAST_ARENA } from "./abi.gen.ts";
import type { Native } from "./board_host.ts";
import { failure } from "./errors.ts";
import { ERR_BAD_ARENA, ERR_CORE_FAILED } from "./errors.gen.ts";
import type { Binding, Stream, Transport } from "./host.ts";
import {
    IMAGE_ABI_AT, IMAGE_ADDRESS_AT, IMAGE_BUILD_AT, IMAGE_ENTRY_AT, IMAGE_FORMAT, IMAGE_FORMAT_AT,
    IMAGE_MAGIC, IMAGE_STATICS_AT,
} from "./image.gen.ts";
import { loadDer } from "./certificates.ts";

// On a board these functions are loaded for one call each: they may leave no function behind.

/** Bytes that can be handed to the core at once; a certificate in RAM may be no longer. */
export const WINDOW = 4096;

/** Bytes below the arena for the heap of the firmware's own C code, which grows upwards. */
const FIRMWARE = 4096;

/** Bytes above it that stay free for the C stack: 6 KB of the core, the rest of JavaScript. */
const STACK = 28672;

/** The arena when `tls-config` names none, where there is the room. */
const ARENA = 49152;

/** Where UF2 files of the image lie on chips with their flash at 0x10000000: RP2040, RP2350. */
const FIXED = [0x10100000, 0x100c0000];

/** What is in Storage under the names that `espruino-tls install` uses. */
const IMAGE = "tls-image";
const TRUST = "tls-ca";
const CONFIG = "tls-config";

interface Config {
    /** Bytes. */
    arena?: number;
}

const read = function (name: string): string | undefined {
    return (require("Storage") as { read(name: string): string | undefined }).read(name);
};

const readConfig = function (): Config {
    return JSON.parse(read(CONFIG) || "{}") as Config;
};

const hasModule = function (name: string): boolean {
    return ("" + process.env["MODULES"]).split(",").includes(name);
};

const refuse = function (detail: string): never {
    throw failure(ERR_CORE_FAILED, { detail });
};

/** Looks for an image and checks that it is where it was linked for, and of our ABI. */
const findImage = function (memory: EspruinoMemory): number {
    const stored = read(IMAGE);
    let at = stored ? E.getAddressOf(stored, true) : 0;
    if (at === 0 && memory.flash_start === 0x10000000) {
        FIXED.forEach(function (address) {
            if (at === 0 && peek32(address) === IMAGE_MAGIC) at = address;
        });
    }
    if (at === 0) refuse("this board has no image of it; run npx espruino-tls install");
    const moved = peek32(at + IMAGE_ADDRESS_AT);
    // The address is what is written last.
    if (peek32(at) !== IMAGE_MAGIC || moved === 0xffffffff) {
        refuse("the installation of its image was interrupted; run npx espruino-tls install again");
    }
    if (moved !== at) {
        refuse(
            "Storage has moved its image from 0x" + moved.toString(16) + " to 0x" + at.toString(16) +
                "; run npx espruino-tls install again",
        );
    }
    const abi = peek32(at + IMAGE_ABI_AT);
    if (peek32(at + IMAGE_FORMAT_AT) !== IMAGE_FORMAT || abi !== ABI_VERSION) {
        refuse(
            "its image has ABI version " + abi + " and the modules " + ABI_VERSION +
                "; run npx espruino-tls install again",
        );
    }
    return at;
};

/** Under the C stack, where the board tells how much is free there. */
const underStack = function (memory: EspruinoMemory, wanted: number | undefined): Omit<Native, "image" | "build"> | undefined {
    if (memory.stackEndAddress === undefined || memory.stackFree === undefined) return undefined;
    const arena = Math.ceil((memory.stackEndAddress + FIRMWARE) / 8) * 8;
    const most = memory.stackFree - FIRMWARE - STACK - WINDOW - 16;
    const size = Math.floor((wanted || Math.min(most, ARENA)) / 8) * 8;
    if (size > most) return undefined;
    const window = arena + size;
    return { arena, size, window, guard: window + WINDOW, mark: 0x5aa5c33c, block: undefined };
};

/** In the heap of JavaScript, in a flat string that stays where it is. */
const inHeap = function (memory: EspruinoMemory, size: number): Omit<Native, "image" | "build"> {
    const block = E.toFlatString({ data: 0, count: size + WINDOW + 16 });
    if (block === undefined) throw failure(ERR_BAD_ARENA, { needed: size + WINDOW + 16 });
    const at = E.getAddressOf(block, true);
    // E.defrag moves what is not locked: the lock count is in the header, above bit 10.
    if (memory.blocksize === 14) poke16(at - 2, peek16(at - 2) + 1024);
    const arena = Math.ceil(at / 8) * 8;
    const window = arena + size;
    return { arena, size, window, guard: window + WINDOW, mark: 0x5aa5c33c, block };
};

/** Finds the image, makes room and opens the core. @throws TlsError `ETLS_CORE_FAILED`, `ETLS_BAD_ARENA` */
export const openNative = function (): Native {
    const memory = process.memory();
    const config = readConfig();
    const image = findImage(memory);
    const place = underStack(memory, config.arena) || inHeap(memory, config.arena || ARENA);
    const enter = function (entry: number, a: number): number {
        const at = peek32(image + IMAGE_ENTRY_AT + entry * 4);
        return E.nativeCall(at, "int(int,int,int,int)")(place.arena, a, 0, 0);
    };
    // A core that was open when JavaScript was started anew is no more.
    poke32(place.arena, 0);
    poke32(place.arena + peek32(image + IMAGE_STATICS_AT), 0);
    poke32(place.guard, place.mark);
    const error = enter(ENTRY_OPEN, place.size);
    if (error < 0) throw failure(error, { needed: enter(ENTRY_STAT, STAT_LEAST_ARENA) });
    return Object.assign(place, { image, build: peek32(image + IMAGE_BUILD_AT) });
};

/** The core that the firmware has in it, opened; undefined when it has none. */
export const openLibrary = function (): Binding | undefined {
    if (!hasModule("tlsnative")) return undefined;
    const library = require("tls-firmware") as { openFirmware(wanted: number | undefined): Binding };
    return library.openFirmware(readConfig().arena);
};

/** What is trusted when a program names nothing: `tls-ca` in Storage. */
export const defaultTrust = function (host: { readFile(name: string): string | undefined }): string[] {
    const trust = read(TRUST);
    return trust ? loadDer(host, "ca", trust) : [];
};

/** The network of the firmware, or else the console cable. */
export const defaultTransport = function (): Transport {
    if (hasModule("net")) {
        return require("net") as { connect(to: object, ready: () => void): Stream };
    }
    return require("tls-tether") as Transport;
};
