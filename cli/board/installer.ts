// SPDX-License-Identifier: Apache-2.0
/**
 * Puts the native core and the modules on a board, and takes them off again.
 *
 * An install that breaks off leaves the board as it was, or with files that are not used: an image
 * counts once its address is in its header, which is written last. The next install completes it.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { makeError } from "../../modules/errors.ts";
import { IMAGE_ADDRESS_AT } from "../../modules/image.gen.ts";
import { readImage, relocateImage } from "../../native/image/image.ts";
import type { Board, BoardInfo } from "./board.ts";
import { makeFile, putFile, writeAt } from "./storage.ts";
import type { Progress } from "./storage.ts";

/** What is to be installed. */
export interface Plan {
    profile: "small" | "full";
    /** Trusted certificates, DER one after the other; undefined leaves what the board has. */
    trust: Uint8Array | undefined;
    /** Bytes of the arena; undefined lets the board choose. */
    arena: number | undefined;
}

/** Is told what is done. */
export interface Reporter {
    step(text: string): void;
    progress: Progress;
}

/** The chips that Espruino's own firmware maps the flash of: their name is part of the board's. */
const CHIPS = ["rp2040", "rp2350"];

const IMAGE = "tls-image";

/** First line of a boot file of ours. */
const OURS = "/*espruino-tls*/";

const dist = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The modules, their parts and texts, by name in Storage. */
const moduleFiles = function (): [name: string, data: Uint8Array][] {
    return readdirSync(dist("device"))
        .filter((file) => file !== "package.json")
        .map((file) => [file.replace(/\.js$/, ""), readFileSync(dist(`device/${file}`))]);
};

/** The image for a board. @throws TlsError `ETLS_BOARD` when there is none */
export const imageFor = function (info: BoardInfo, profile: string): Uint8Array {
    const chip = CHIPS.find((name) => info.board.toLowerCase().includes(name));
    if (chip === undefined) {
        const detail = `there is no image for the board ${info.board}`;
        throw makeError("ETLS_BOARD", `${detail}; there are some for the chips ${CHIPS.join(" and ")}`);
    }
    const file = dist(`images/etls-${chip}-${profile}.bin`);
    if (!existsSync(file)) throw makeError("ETLS_BOARD", `${file} is missing; npm run build makes it`);
    return readFileSync(file);
};

/** An address of the image on the board: 0 when there is none. */
const addressOf = (board: Board): Promise<number> =>
    board.evaluate<number>(`(function(f){return f===undefined?0:E.getAddressOf(f,true)})(require("Storage").read("${IMAGE}"))`);

const crcAt = (board: Board, address: number, size: number): Promise<number> =>
    board.evaluate<number>(`E.CRC32(E.memoryArea(${address},${size}))>>>0`);

/** Whether the board has this image, where it can run. */
const hasImage = async function (board: Board, image: Uint8Array): Promise<boolean> {
    const address = await addressOf(board);
    if (address === 0) return false;
    const moved = relocateImage(image, address);
    const size = await board.evaluate<number>(`require("Storage").read("${IMAGE}").length`);
    return size === moved.length && (await crcAt(board, address, size)) === crc32(moved);
};

/** Writes the image for the address where its file lies; that address last. */
const writeImage = async function (board: Board, image: Uint8Array, report: Reporter): Promise<void> {
    // Storage makes a file with its first bytes: a write at offset 0 would make another one.
    await makeFile(board, IMAGE, image.length, image[0] as number);
    const address = await addressOf(board);
    if (address === 0) throw makeError("ETLS_BOARD", "this board's flash is not mapped into memory");
    const moved = relocateImage(image, address);
    const unmarked = Buffer.from(moved).fill(0xff, IMAGE_ADDRESS_AT, IMAGE_ADDRESS_AT + 4);
    await writeAt(board, IMAGE, unmarked, 1, report.progress);
    if ((await crcAt(board, address, unmarked.length)) !== crc32(unmarked)) {
        throw makeError("ETLS_BOARD", "the image was written and reads back differently; install again");
    }
    const mark = Buffer.from(moved.subarray(IMAGE_ADDRESS_AT, IMAGE_ADDRESS_AT + 4)).toString("base64");
    await board.evaluate(
        `require("Storage").write("${IMAGE}",atob("${mark}"),${IMAGE_ADDRESS_AT},${moved.length})`,
    );
    if (!(await hasImage(board, image))) throw makeError("ETLS_BOARD", "the image is not as it was written; install again");
};

/** The boot file that our modules need where the firmware has some of their names. */
const bootFile = function (info: BoardInfo): string | undefined {
    const names = ["tls", "https"].filter((name) => info.modules.includes(name));
    if (names.length === 0) return undefined;
    const lines = names.map((name) => `Modules.addCached("${name}",require("Storage").read("${name}"));`);
    return `${OURS}\n${lines.join("\n")}\n`;
};

/** The name of a boot file of ours, or of one that is free. */
const bootName = async function (board: Board): Promise<string> {
    const states = await board.evaluate<(boolean | 0)[]>(
        `[0,1,2,3].map(function(n){var f=require("Storage").read(".boot"+n);return f===undefined?0:f.substr(0,${OURS.length})=="${OURS}"})`,
    );
    const ours = states.indexOf(true);
    const at = ours >= 0 ? ours : states.indexOf(0);
    if (at < 0) throw makeError("ETLS_BOARD", "the boot files .boot0 to .boot3 are all taken by other programs");
    return `.boot${at}`;
};

/** Installs what is missing or different. Returns the names of the files that were written. */
export const install = async function (board: Board, plan: Plan, report: Reporter): Promise<string[]> {
    const info = await board.info();
    const image = imageFor(info, plan.profile);
    const { build, size } = readImage(image);
    report.step(`${info.board}, Espruino ${info.version}; image ${plan.profile} ${build}, ${size} bytes`);
    const files = moduleFiles();
    if (plan.trust) files.push(["tls-ca", plan.trust]);
    if (plan.arena !== undefined) files.push(["tls-config", Buffer.from(JSON.stringify({ arena: plan.arena }))]);
    const boot = bootFile(info);
    if (boot !== undefined) files.push([await bootName(board), Buffer.from(boot)]);
    const written: string[] = [];
    for (const [name, data] of files) {
        report.step(name);
        if (await putFile(board, name, data)) written.push(name);
    }
    // Last, since writing files can make Storage compact itself, which moves the image.
    report.step(IMAGE);
    if (!(await hasImage(board, image))) {
        await writeImage(board, image, report);
        written.push(IMAGE);
    }
    // What was loaded before is of the old files.
    await board.evaluate('["tls","https"].forEach(function(n){try{Modules.removeCached(n)}catch(e){}})||0');
    return written;
};

/** Removes everything that {@link install} has written. Returns the names of the files. */
export const uninstall = async function (board: Board): Promise<string[]> {
    const names = [IMAGE, "tls-ca", "tls-config", "tls-run", ...moduleFiles().map(([name]) => name)];
    const boot = [0, 1, 2, 3].map((number) => `.boot${number}`);
    const removed: string[] = [];
    for (const name of [...names, ...boot]) {
        const guard = name.startsWith(".boot") ? `&&f.substr(0,${OURS.length})=="${OURS}"` : "";
        const there = await board.evaluate<boolean>(
            `(function(f){return f!==undefined${guard}})(require("Storage").read("${name}"))`,
        );
        if (!there) continue;
        await board.evaluate(`require("Storage").erase("${name}")`);
        removed.push(name);
    }
    return removed;
};
